/// When one purpose is another, or part of it.
///
/// A purpose is a line of text; `/` divides it into levels, as in `低保审核/2025年度`. It is within another if it is that
/// one, or goes on from it with `/` and further levels. So a grant for `低保审核` covers `低保审核/复核`, and no word of a
/// dictionary has to be argued about.
enum SharingPurpose {
  /// Whether `purpose` is `other` or within it.
  static func isWithin(_ purpose: String, _ other: String) -> Bool {
    guard purpose.utf8.starts(with: other.utf8) else { return false }
    let count = other.utf8.count
    return purpose.utf8.count == count || purpose.utf8.dropFirst(count).first == UInt8(ascii: "/")
  }

  /// Whether every level of `purpose` has a name.
  static func isGood(_ purpose: String) -> Bool {
    !purpose.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).contains {
      $0.isEmpty
    }
  }
}
