import Foundation
import HTTPTypes
import LedgerStore
import NIOCore
import NIOHTTPTypes

/// Answers plain submissions, `POST /entries` of one statement, from within their connection, without a task for each part of a
/// request: half of what such a request cost was to hand it from thread to thread.
///
/// Plain is a request with a `Content-Length`, no more bytes than an entry may have, and no header field that would change how the
/// connection is used. Whatever is not plain is passed on to the responder, which answers the same statement the same way; so is
/// one that something happens to before it is whole.
///
/// Answers leave in the order of their requests: while one is to come from the responder everything is passed on, and what comes
/// while one is to come from here is held back. Who sends without reading the answers is not read from any more.
final class DirectSubmissions: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private enum State {
    /// Nothing is under way here.
    case idle
    /// The head of a plain submission has come, and a part of its body.
    case reading(Plain)
    /// The committer has it.
    case committing
    /// It was answered, and so much waits to be sent that nothing more may be answered yet.
    case draining

    /// Whether whatever comes must wait.
    var isBusy: Bool {
      switch self {
      case .committing, .draining: true
      case .idle, .reading: false
      }
    }
  }

  /// A plain submission.
  private struct Plain {
    let head: HTTPRequest
    /// What it asks for; nil for one that does nothing, of a benchmark's.
    let form: Submission.ReceiptForm?
    var entry: [UInt8] = []
  }

  /// What came after a submission that is not answered yet.
  private enum Held {
    case part(HTTPRequestPart)
    case event(ChannelEvent)
    case error(any Error)
  }

  private let responder: NodeResponder
  private var state = State.idle
  /// How many requests were passed on and not answered yet.
  private var passedOn = 0
  private var held = CircularBuffer<Held>()
  /// Whether more was asked for while something was held back.
  private var isReadHeld = false
  private var date = DateField()

  init(_ responder: NodeResponder) { self.responder = responder }

  // MARK: Requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    take(unwrapInboundIn(data), context)
  }

  private func take(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
    switch (state, part) {
    case (.committing, _), (.draining, _): held.append(.part(part))
    case (.reading(var plain), .body(let buffer)):
      // Not two of them, or each part would copy what came before.
      state = .idle
      plain.entry.append(contentsOf: buffer.readableBytesView)
      state = .reading(plain)
    case (.reading(let plain), .end(nil)): submit(plain, context)
    case (.idle, .head(let head)):
      if passedOn == 0, let plain = plain(head) {
        state = .reading(plain)
      } else {
        passedOn += 1
        context.fireChannelRead(wrapInboundOut(part))
      }
    case (.idle, _), (.reading, _):
      passOn(context)
      context.fireChannelRead(wrapInboundOut(part))
    }
  }

  /// Passes on what has come of a submission that is not to be answered here.
  private func passOn(_ context: ChannelHandlerContext) {
    guard case .reading(let plain) = state else { return }
    state = .idle
    passedOn += 1
    context.fireChannelRead(wrapInboundOut(.head(plain.head)))
    guard !plain.entry.isEmpty else { return }
    context.fireChannelRead(wrapInboundOut(.body(ByteBuffer(bytes: plain.entry))))
  }

  /// The plain submission with this head; nil for any other request.
  private func plain(_ head: HTTPRequest) -> Plain? {
    let isIdle = responder.settings.directIdlePath.map { $0 == head.path } ?? false
    guard head.method == .post, isIdle || head.path == "/entries" else { return nil }
    var (type, length, accept, prefer): (String?, String?, String?, String?)
    func takeOnce(_ value: String, _ place: inout String?) -> Bool {
      defer { place = value }
      return place == nil
    }
    for field in head.headerFields {
      let isKnown =
        switch field.name {
        case .contentType: takeOnce(field.value, &type)
        case .contentLength: takeOnce(field.value, &length)
        case .accept: takeOnce(field.value, &accept)
        case .prefer: takeOnce(field.value, &prefer)
        case .connection, .expect, .transferEncoding, .upgrade, .te, .trailer: false
        default: true
        }
      guard isKnown else { return nil }
    }
    guard let count = length.flatMap({ Int($0) }), (1...RequestEntries.Form.one.limit).contains(count),
      RequestEntries.isOne(type)
    else { return nil }
    return Plain(head: head, form: isIdle ? nil : .init(accept: accept, prefer: prefer))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if state.isBusy { return held.append(.error(error)) }
    passOn(context)
    context.fireErrorCaught(error)
  }

  func channelInactive(context: ChannelHandlerContext) {
    passOn(context)
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if state.isBusy, let event = event as? ChannelEvent { return held.append(.event(event)) }
    passOn(context)
    context.fireUserInboundEventTriggered(event)
  }

  func read(context: ChannelHandlerContext) {
    if held.isEmpty { context.read() } else { isReadHeld = true }
  }

  // MARK: Answers

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) { passedOn -= 1 }
    context.write(data, promise: promise)
  }

  private func submit(_ plain: Plain, _ context: ChannelHandlerContext) {
    state = .committing
    let loop = context.eventLoop
    guard let form = plain.form else { return answer(.success(.text([], .forbidden)), context) }
    let (responder, handler) = (responder, NIOLoopBound((self, context), eventLoop: loop))
    responder.committer.submit(plain.entry) { outcome in
      loop.execute {
        do {
          let commitment = try outcome.get()
          if let answer = try Submission.answerAtHand(commitment, form) {
            return handler.value.0.answer(.success(answer), handler.value.1)
          }
          responder.blocking({ try Submission.answer(commitment, form) }) { answer in
            loop.execute { handler.value.0.answer(answer, handler.value.1) }
          }
        } catch { handler.value.0.answer(.failure(error), handler.value.1) }
      }
    }
  }

  private func answer(_ answer: Result<Answer, any Error>, _ context: ChannelHandlerContext) {
    state = .idle
    // Nobody is there to be answered any more.
    guard context.channel.isActive else { return }
    let response: Answer
    switch answer {
    case .success(let answer): response = answer
    case .failure(let error): response = responder.problem(error, of: "POST /entries").answer
    }
    write(response, context)
    if !context.channel.isWritable {
      state = .draining
    } else if !held.isEmpty {
      takeHeld(context)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if case .draining = state, context.channel.isWritable {
      state = .idle
      takeHeld(context)
    }
    context.fireChannelWritabilityChanged()
  }

  private func takeHeld(_ context: ChannelHandlerContext) {
    holding: while let next = held.popFirst() {
      switch next {
      case .part(let part): take(part, context)
      case .event(let event): userInboundEventTriggered(context: context, event: event)
      case .error(let error): errorCaught(context: context, error: error)
      }
      if state.isBusy { break holding }
    }
    context.fireChannelReadComplete()
    if held.isEmpty, isReadHeld {
      isReadHeld = false
      context.read()
    }
  }

  private func write(_ answer: Answer, _ context: ChannelHandlerContext) {
    var head = HTTPResponse(status: answer.status, headerFields: answer.allHeaders)
    head.headerFields[.contentLength] = "\(answer.body.count)"
    head.headerFields[.date] = date.value()
    head.headerFields[.server] = NodeResponder.serverName
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: answer.body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

/// The value of `Date` (RFC 9110 §6.6.1), written once a second.
private struct DateField {
  private var second = time_t.min
  private var text = ""

  mutating func value() -> String {
    var now = time(nil)
    if now != second {
      var (parts, bytes) = (tm(), [CChar](repeating: 0, count: 32))
      gmtime_r(&now, &parts)
      // In English, whatever the user's language: nothing here asks for another locale than C's.
      let count = strftime(&bytes, bytes.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
      (second, text) = (now, String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self))
    }
    return text
  }
}
