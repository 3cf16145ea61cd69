internal import CSHA256Lanes
import Synchronization

/// One way to hash many messages at once: an instruction set, and how many messages go side by side.
public struct LaneKernel: Hashable, Sendable {
  /// The status of a kernel on this machine.
  public enum State: String, Hashable, Sendable {
    /// It agrees with libcrypto, and `LaneHasher` hashes with it.
    case used
    /// It agrees with libcrypto, and another one is faster on this machine, or libcrypto itself.
    case spare
    /// It does not agree with libcrypto and is never used: the processor, the compiler or the kernel has a fault.
    case faulty
    /// This processor lacks the instructions.
    case unsupported
  }

  /// Unique and stable: the instruction set and the number of lanes, such as `avx512-16`.
  public let name: String
  /// How many messages it hashes at once.
  public let lanes: Int
  /// Its status on this machine.
  public let state: State
  /// Whether it is made of the processor's own instructions for SHA-256: the one with two lanes is, and no other.
  package var usesSHAInstructions: Bool { lanes == Choice.fewestLanes }
  /// Its number in C.
  package let number: Int

  /// Every kernel for this kind of processor, those with the most lanes first; empty if there is none, and libcrypto hashes
  /// one message after the other.
  ///
  /// When this is first read, or something is first hashed in lanes, each kernel is checked against libcrypto on fixed and on
  /// random messages, which takes about a millisecond.
  public static let all: [LaneKernel] = judged { LaneKernelCheck($0).agrees }

  /// Every kernel, where `agrees` says whether one that this processor has the instructions for agrees with libcrypto.
  package static func judged(_ agrees: (Int) -> Bool) -> [LaneKernel] {
    let count = zheng_sha256_kernel_count()
    let agree = (0..<count).map { unsafe zheng_sha256_kernel($0).isSupported && agrees($0) }
    // The widest, and for what does not fill it the one with two lanes.
    let useful = (0..<count).filter { unsafe agree[$0] && zheng_sha256_kernel($0).isWorthwhile }
    let pairs = useful.last { unsafe zheng_sha256_kernel($0).lanes == Choice.fewestLanes }
    return (0..<count).map { number in
      let kernel = unsafe zheng_sha256_kernel(number)
      let state: State =
        if unsafe !kernel.isSupported {
          .unsupported
        } else if !agree[number] {
          .faulty
        } else if number == useful.first || number == pairs {
          .used
        } else {
          .spare
        }
      return unsafe LaneKernel(
        name: String(cString: kernel.name), lanes: kernel.lanes, state: state, number: number)
    }
  }

  /// Those that `LaneHasher` hashes with on this machine: for many messages, and for few; one and the same, or nil, where there
  /// are not two.
  static let best: Choice? = {
    let used = all.filter { $0.state == .used }
    guard let wide = used.first, let narrow = used.last else { return nil }
    return Choice(wide: wide, narrow: narrow)
  }()

  /// The kernels of new hashers: `best`, unless `forcing` overrides them.
  static var current: Choice? { forced.withLock { $0.map(\.choice) ?? best } }

  private struct Forced {
    let choice: Choice?
  }

  private static let forced = Mutex<Forced?>(nil)

  /// Runs `body` while every new hasher of the process uses `kernel` alone, or libcrypto alone: for tests of code that
  /// hashes. Concurrent code gets the same digests, only slower.
  package static func forcing<Value, Failure: Error>(
    _ kernel: LaneKernel?, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let choice = kernel.map { Choice(checking: $0, and: $0) }
    forced.withLock { $0 = Forced(choice: choice) }
    defer { forced.withLock { $0 = nil } }
    return try body()
  }

  /// Two kernels that work together.
  struct Choice: Sendable {
    let wide: LaneKernel
    let narrow: LaneKernel

    /// With two lanes one message takes less than twice what it takes by libcrypto.
    static let fewestLanes = 2

    /// Whether even one message is better hashed by lanes.
    var isForSingles: Bool { narrow.lanes == Choice.fewestLanes }

    init(wide: LaneKernel, narrow: LaneKernel) { (self.wide, self.narrow) = (wide, narrow) }

    /// Traps if one of them does not agree with libcrypto on this machine.
    init(checking wide: LaneKernel, and narrow: LaneKernel) {
      for kernel in [wide, narrow] {
        precondition(kernel.state == .used || kernel.state == .spare, "\(kernel.name) cannot be used here")
      }
      self.init(wide: wide, narrow: narrow)
    }

    /// As many messages as `narrow` hashes in the time that `wide` takes for any number up to its lanes, or fewer. Measured on
    /// 16 lanes and SHA-NI: 12 nodes by twos take as long as a vector of them.
    var few: Int { wide.lanes > narrow.lanes && narrow.lanes == Choice.fewestLanes ? wide.lanes * 3 / 4 : 0 }
  }
}
