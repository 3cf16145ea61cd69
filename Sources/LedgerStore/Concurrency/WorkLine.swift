import Foundation

/// Work done on several threads, whose results are taken in the order in which it was put in.
///
/// Whoever takes works too while what comes next is not done: a line of `threads` threads starts one fewer, and one of a single
/// thread starts none and does everything on the taker's. Each thread makes tools for itself once and uses them for all its
/// work. One thread puts in and takes.
final class WorkLine<Tools, Input: Sendable, Output: Sendable> {
  private let shared: Shared
  private var tools: Tools

  /// - Parameters:
  ///   - threads: how many threads work, the taker's among them; at least 1.
  ///   - makeTools: called once on each thread.
  ///   - work: what is done with each input.
  init(
    threads: Int, makeTools: @escaping @Sendable () -> Tools,
    work: @escaping @Sendable (inout Tools, Input) -> Output
  ) {
    precondition(threads >= 1, "a line on which nobody works")
    let shared = Shared(work)
    self.shared = shared
    tools = makeTools()
    for _ in 1..<threads {
      let thread = Thread {
        var tools = makeTools()
        while let item = shared.waitForWork() { shared.finish(item, work(&tools, item.input)) }
      }
      thread.name = "zheng.work"
      thread.start()
    }
  }

  deinit { shared.end() }

  /// How many were put in and not taken.
  private(set) var count = 0

  /// Puts `input` behind what was put in before.
  func put(_ input: Input) {
    count += 1
    shared.put(Item(input))
  }

  /// The result of what was put in longest ago, or nil where nothing is left.
  func take() -> Output? {
    guard count > 0 else { return nil }
    count -= 1
    while true {
      switch shared.next() {
      case .done(let output): return output
      case .open(let item): shared.finish(item, shared.work(&tools, item.input))
      }
    }
  }

  /// Gives up what was put in and not taken; what is being worked on ends unseen.
  func drop() {
    count = 0
    shared.drop()
  }

  /// Guarded by the condition of `Shared`.
  private final class Item: @unchecked Sendable {
    let input: Input
    var output: Output?

    init(_ input: Input) { self.input = input }
  }

  private enum Next {
    case done(Output)
    case open(Item)
  }

  /// What the threads share; they must not hold the line itself, or it would never end.
  private final class Shared: @unchecked Sendable {
    let work: @Sendable (inout Tools, Input) -> Output
    private let condition = NSCondition()
    private var items: [Item] = []
    /// How many of `items`, from the first on, somebody has begun with.
    private var begun = 0
    private var isOver = false

    init(_ work: @escaping @Sendable (inout Tools, Input) -> Output) { self.work = work }

    func put(_ item: Item) {
      condition.withLock {
        items.append(item)
        condition.broadcast()
      }
    }

    /// Work for a thread that has nothing else to do; nil at the end.
    func waitForWork() -> Item? {
      condition.withLock {
        while begun == items.count, !isOver { condition.wait() }
        return isOver ? nil : begin()
      }
    }

    /// The first result, once it is there, or until then what nobody has begun with.
    func next() -> Next {
      condition.withLock {
        while true {
          if let output = items[0].output {
            items.removeFirst()
            begun -= 1
            return .done(output)
          }
          if begun < items.count { return .open(begin()) }
          condition.wait()
        }
      }
    }

    private func begin() -> Item {
      begun += 1
      return items[begun - 1]
    }

    func finish(_ item: Item, _ output: Output) {
      condition.withLock {
        item.output = output
        condition.broadcast()
      }
    }

    func drop() { condition.withLock { (items, begun) = ([], 0) } }

    func end() {
      condition.withLock {
        isOver = true
        condition.broadcast()
      }
    }
  }
}
