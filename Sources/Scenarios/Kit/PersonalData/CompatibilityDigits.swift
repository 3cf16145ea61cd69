/// The scalars beyond ASCII whose NFKC form (UAX #15) holds an ASCII digit or the letter X, and what of it counts.
///
/// Written down because these modules do without Foundation; a test compares it with Foundation's normalisation, scalar by
/// scalar. Normalisation is stable: what is assigned once keeps its form, so only new scalars could be missing here. Those of
/// Unicode 16 are in it.
package enum CompatibilityDigits {
  /// The symbols of the NFKC form of `scalar`; nil if it holds neither a digit nor an X.
  package static func symbols(of scalar: UInt32) -> [PersonalData.Symbol]? { table[scalar] }

  private static let table: [UInt32: [PersonalData.Symbol]] = {
    var table: [UInt32: [PersonalData.Symbol]] = [:]
    for (first, forms) in runs {
      for (offset, form) in forms.split(separator: " ").enumerated() {
        table[first + UInt32(offset)] = form.utf8.map { PersonalData.Symbol(ascii: $0) }
      }
    }
    for scalar in letters { table[scalar] = [.x] }
    return table
  }()

  /// The first scalar of a run, and the forms of it and of those that follow: a bracket is written `-`, and whatever is
  /// neither digit, X, full stop nor bracket `|`.
  private static let runs: [(UInt32, String)] = [
    (0x00b2, "2 3"),
    (0x00b9, "1"),
    (0x00bc, "1|4 1|2 3|4"),
    (0x2070, "0"),
    (0x2074, "4 5 6 7 8 9"),
    (0x2080, "0 1 2 3 4 5 6 7 8 9"),
    (0x213b, "||X"),
    (0x2150, "1|7 1|9 1|10 1|3 2|3 1|5 2|5 3|5 4|5 1|6 5|6 1|8 3|8 5|8 7|8 1|"),
    (0x2168, "|X X X| X||"),
    (0x2178, "|X X X| X||"),
    (0x2189, "0|3"),
    (0x2460, "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 -1- -2- -3- -4- -5- -6-"),
    (0x247a, "-7- -8- -9- -10- -11- -12- -13- -14- -15- -16- -17- -18- -19- -20- 1. 2. 3."),
    (0x248b, "4. 5. 6. 7. 8. 9. 10. 11. 12. 13. 14. 15. 16. 17. 18. 19. 20."),
    (0x24b3, "-X-"),
    (0x24ea, "0"),
    (0x3251, "21 22 23 24 25 26 27 28 29 30 31 32 33 34 35"),
    (0x32b1, "36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 1| 2| 3| 4| 5| 6| 7| 8| 9| 10|"),
    (0x32ca, "11| 12|"),
    (0x3358, "0| 1| 2| 3| 4| 5| 6| 7| 8| 9| 10| 11| 12| 13| 14| 15| 16| 17| 18| 19| 20|"),
    (0x336d, "21| 22| 23| 24|"),
    (0x3378, "||2 ||3"),
    (0x339f, "||2 ||2 |2 ||2 ||3 ||3 |3 ||3"),
    (0x33a8, "|||2"),
    (0x33af, "|||||2"),
    (0x33d3, "|X"),
    (0x33e0, "1| 2| 3| 4| 5| 6| 7| 8| 9| 10| 11| 12| 13| 14| 15| 16| 17| 18| 19| 20| 21|"),
    (0x33f5, "22| 23| 24| 25| 26| 27| 28| 29| 30| 31|"),
    (0xff10, "0 1 2 3 4 5 6 7 8 9"),
    (0x1ccf0, "0 1 2 3 4 5 6 7 8 9"),
    (0x1d7ce, "0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7"),
    (0x1d7f4, "8 9 0 1 2 3 4 5 6 7 8 9"),
    (0x1f100, "0. 0| 1| 2| 3| 4| 5| 6| 7| 8| 9|"),
    (0x1f127, "-X-"),
    (0x1fbf0, "0 1 2 3 4 5 6 7 8 9"),
  ]

  /// Those that are an X and nothing else.
  private static let letters: [UInt32] = [
    0x02e3, 0x2093, 0x24cd, 0x24e7, 0xff38, 0xff58, 0x1cced, 0x1d417, 0x1d431, 0x1d44b, 0x1d465, 0x1d47f,
    0x1d499, 0x1d4b3, 0x1d4cd, 0x1d4e7, 0x1d501, 0x1d51b, 0x1d535, 0x1d54f, 0x1d569, 0x1d583, 0x1d59d,
    0x1d5b7, 0x1d5d1, 0x1d5eb, 0x1d605, 0x1d61f, 0x1d639, 0x1d653, 0x1d66d, 0x1d687, 0x1d6a1, 0x1f147,
  ]
}
