/// Showing what is committed, and waiting for it.
extension Committer {
  /// Shows everybody what is committed.
  func publish(_ reader: LedgerReader, since start: ContinuousClock.Instant) {
    state.withLock { $0.publish(reader) }
    let counts = meter.counts
    settings.logger.debug(
      "what was cut is on the disk",
      metadata: [
        "blocks": "\(counts.blocks)", "records": "\(counts.records)", "waits": "\(counts.waits)",
        "syncs": "\(counts.syncs)",
      ])
    settings.onBlock?(ContinuousClock.now - start)
  }

  /// A reader of the ledger as it stands now, and then one after each block; who is slow gets the newest alone. It ends when nothing
  /// more will be committed.
  package func readers() -> AsyncStream<LedgerReader> {
    let (readers, continuation) = AsyncStream<LedgerReader>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { $0.listen(continuation) }
    if let number {
      continuation.onTermination = { [weak self] _ in self?.state.withLock { $0.removeListener(number) } }
    } else {
      continuation.finish()
    }
    return readers
  }

  /// A reader that reaches the block at `height`, as soon as that is committed.
  ///
  /// - Throws: `CommitterUnavailable` where it will not be.
  package func reader(reaching height: UInt64) async throws -> LedgerReader {
    let now = reader
    if now.reaches(height) { return now }
    for await next in readers() where next.reaches(height) { return next }
    try Task.checkCancellation()
    throw condition.failure.map(CommitterUnavailable.failed) ?? .stopping
  }
}

extension LedgerReader {
  /// Whether the block at `height` is committed for this reader, which comes from the writer.
  fileprivate func reaches(_ height: UInt64) -> Bool { live.map { height < $0.state.height } ?? false }
}

extension Committer.State {
  /// Takes note of who is to hear of each block, beginning with the newest.
  ///
  /// - Returns: its number; nil where nothing more will be committed.
  mutating func listen(_ listener: AsyncStream<LedgerReader>.Continuation) -> Int? {
    listener.yield(reader)
    guard failure == nil, !isStopped else { return nil }
    nextListener += 1
    listeners[nextListener] = listener
    return nextListener
  }

  mutating func removeListener(_ number: Int) { listeners[number] = nil }

  /// All that listen, who then do not any more; they are to be told outside of the lock.
  mutating func takeListeners() -> [AsyncStream<LedgerReader>.Continuation] {
    defer { listeners = [:] }
    return Array(listeners.values)
  }

  /// Takes note of what is committed.
  mutating func publish(_ reader: LedgerReader) {
    (self.reader, roster) = (reader, reader.rosterInForce ?? roster)
    for listener in listeners.values { listener.yield(reader) }
  }
}
