import Ledger
import LedgerStore
import Testing
import Workflows

@Suite("The door to a ledger")
struct AccessTests {
  @Test("What is submitted is a record at once, for whoever submitted it and for a reader")
  func submitted() async throws {
    let office = try TestOffice()
    let statement = try office.statement("note", subject: "case-1")
    let writing = try office.writing()
    let place = try await writing.submit(statement.entry)
    #expect(try await writing.entry(place.index) == statement.entry)
    let reading = try office.reading()
    var query = RecordQuery()
    query.subject = "case-1"
    let found = try await reading.allRecords(query)
    #expect(found.map(\.id) == [statement.id])
    #expect(found.map(\.index) == [place.index])
    #expect(try await reading.block(of: place.index).height == place.block)
  }

  @Test("A refusal is thrown, and nothing is recorded")
  func refused() async throws {
    let office = try TestOffice()
    let stranger = try TestOffice()
    let writing = try office.writing()
    let size = writing.size
    await #expect(throws: Refusal.self) { try await writing.submit(stranger.statement("note").entry) }
    #expect(try office.reading().size == size)
  }

  @Test("A search goes on from page to page, stops at its limit, and passes a failure in the middle on")
  func pages() async throws {
    let office = try TestOffice()
    let writing = try office.writing()
    for number in 0..<5 { _ = try await writing.submit(office.statement("note \(number)").entry) }
    let whole = try office.reading()
    var query = RecordQuery()
    query.type = "text/plain"
    #expect(try await whole.allRecords(query).count == 5)
    #expect(try await whole.records(query, from: whole.allRecords(query)[2].index).count == 3)
    query.limit = 2
    #expect(try await whole.allRecords(query).count == 2)
    query.limit = nil
    let faulty = FaultyLedger(whole, answers: 1)
    await #expect(throws: FaultyLedger.failure) { try await faulty.allRecords(query) }
    #expect(faulty.askedCount == 2)
  }
}
