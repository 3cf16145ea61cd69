import Foundation

// The part of etcd's v3 JSON gateway that a board uses (etcd's `rpc.proto`): numbers of 64 bits are text, bytes are base64, and what has its
// default value is left out.

/// A user of etcd, who comes in by password.
public struct EtcdUser: Encodable, Hashable, Sendable {
  /// Its name.
  public let name: String
  let password: String

  static let path = "/v3/auth/authenticate"

  /// A user.
  public init(name: String, password: String) { (self.name, self.password) = (name, password) }
}

protocol EtcdAnswer: Decodable, Sendable {
  var header: EtcdHeader? { get }
}

struct EtcdHeader: Codable, Sendable {
  var revision: String?
}

struct EtcdToken: Decodable {
  var token: String?
}

struct EtcdFailure: Decodable, Sendable {
  var message: String?
}

struct EtcdStreamed<Line: Decodable>: Decodable {
  var result: Line?
  var error: EtcdFailure?
}

struct EtcdKeyValue: Decodable, Sendable {
  var key: Data?
  var value: Data?
}

struct EtcdRange: Encodable {
  enum CodingKeys: String, CodingKey {
    case key, limit
    case end = "range_end"
  }

  var key: Data
  var end: Data? = nil
  var limit: String? = nil
}

struct EtcdRangeAnswer: EtcdAnswer {
  var header: EtcdHeader?
  var kvs: [EtcdKeyValue]?
  var more: Bool?
}

struct EtcdDeleteAnswer: EtcdAnswer {
  var header: EtcdHeader?
}

struct EtcdPut: Encodable {
  var key: Data
  var value: Data
  var lease: String? = nil
}

/// Puts a value unless its key has one: whoever's revision of creation is 0 does not exist.
struct EtcdCreation: Encodable {
  struct Compare: Encodable {
    enum CodingKeys: String, CodingKey {
      case key, target, result
      case creation = "create_revision"
    }

    var key: Data
    var target = "CREATE"
    var result = "EQUAL"
    var creation = "0"
  }

  struct Operation: Encodable {
    enum CodingKeys: String, CodingKey {
      case put = "request_put"
    }

    var put: EtcdPut
  }

  var compare: [Compare]
  var success: [Operation]

  init(_ put: EtcdPut) { (compare, success) = ([Compare(key: put.key)], [Operation(put: put)]) }
}

struct EtcdTransactionAnswer: EtcdAnswer {
  var header: EtcdHeader?
  var succeeded: Bool?
}

struct EtcdWatch: Encodable {
  /// Of what is to come.
  struct Creation: Encodable {
    enum CodingKeys: String, CodingKey {
      case key
      case end = "range_end"
    }

    var key: Data
    var end: Data
  }

  enum CodingKeys: String, CodingKey {
    case creation = "create_request"
  }

  var creation: Creation
}

struct EtcdWatchAnswer: EtcdAnswer {
  struct Event: Decodable, Sendable {
    /// Left out for a put.
    var type: String?
    var kv: EtcdKeyValue?
  }

  var header: EtcdHeader?
  var created: Bool?
  var canceled: Bool?
  var events: [Event]?
}

struct EtcdLease: Encodable {
  enum CodingKeys: String, CodingKey {
    case id = "ID"
    case seconds = "TTL"
  }

  var id: String? = nil
  var seconds: String? = nil
}

struct EtcdLeaseAnswer: EtcdAnswer {
  enum CodingKeys: String, CodingKey {
    case header
    case id = "ID"
    case seconds = "TTL"
  }

  var header: EtcdHeader?
  var id: String?
  var seconds: String?
}
