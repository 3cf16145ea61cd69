/// Keys, notes and a proof that OpenSSL 3.0 and Python made, with none of the code under test.
enum Fixture {
  static let logKey = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIDnANFEU00aJCNZOA+r/t2jEukBVgadUlR2zvnJc08Xe
    -----END PRIVATE KEY-----

    """

  static let witness1Key = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEILwyQxUi+tW7KX09Cf/aPqyyo7cDcdF6G6yqqndupnj0
    -----END PRIVATE KEY-----

    """

  static let witness2Key = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIF+2MOrp++8jDyHDZVQKXHjST3O09d+vJHYh4WlVUO4G
    -----END PRIVATE KEY-----

    """

  static let witness3Key = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIJvHuB5VeMdMtd9ihQTEi+3O/9xbMPyPQoMz52ySVIS6
    -----END PRIVATE KEY-----

    """

  static let p256Key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPs7hHxLmdWMJYsqC
    wt/KcIvFzi7xClRXk6UFbFueNKShRANCAATbXSnSkcbmrHes5GjN9fzU6MSLST1n
    hU25FnkJ33hYqRR280EI4NSB+iTD5Kf58QtPtn6/IqoqOKDaeRPqDxim
    -----END PRIVATE KEY-----

    """

  /// Two keys that have the same key ID under the name `collision`, found among some 100,000.
  static let collidingKeys = [
    """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIF6AHe3eIhZ7kGtvn2lCVkswtFZZeqjU6PfCPLP1vDQ+
    -----END PRIVATE KEY-----

    """,
    """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIKfUwFyv4HteHPWeXZsYBLDYecxsNrzo20xJ29NiKsSr
    -----END PRIVATE KEY-----

    """,
  ]

  static let logVerifierKey = "log.example/fixture+69b0e087+AXXMO47gwWmeFzYOcas2kNfTJNT6eL04U2P07CU46oYR"
  static let witnessVerifierKeys = [
    "w1.example/witness+a1f03dd2+BAhVKZ23PLWb9hLS4A0s8p8JQOqNzct7htnhv4JF8TTp",
    "w2.example/witness+be1bc748+BH6QQT8i4Sc8M+w/YLxez4qYBpowsy/jzL8R1IaZKEXY",
    "w3.example/witness+c527be02+BK62HlEARZxgPeMChEHteQAZQmRrCqltB+vllQiFhMLN",
  ]

  /// The times of the witnesses' cosignatures, in seconds since the epoch.
  static let times: [UInt64] = [1_700_000_000, 1_700_000_100, 1_700_000_200]

  /// The tree of the eight published leaves, signed by the log and cosigned by three witnesses.
  static let checkpoint = """
    log.example/fixture
    8
    XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

    — log.example/fixture abDgh8PViBD7K3EY7LwWrT5FxOOZ1Q8K4sUvvrcDfEmUkLfdpUG7iaioiDPi/3d42ResO14HMH/fNqT2wPetYz/iBQc=
    — w1.example/witness ofA90gAAAABlU/EAL8uo+5+4eWg3VXJZAE/g+Fptyk6Zh8fPz8ZaEHMrwpTPqZlQFYn6xAhLN2y3EWNVi480zQyN4K5PecOxD0utBg==
    — w2.example/witness vhvHSAAAAABlU/FkwpkRtH8tGTznzrNwueicd3ay9uN14HgS53X9pZlX8P4iukvFcG0SaMKKOTIIaJD/2nRN/naD5GC1SizGRhwXAQ==
    — w3.example/witness xSe+AgAAAABlU/HIE7ljTCrVbD/VjEpV7fBSXpx3ot0RXSL9oddSs7zjWmBWnQRE0Z2ToCqj4Th+5SFSuG8d74//87djwLMZhImpAA==

    """

  /// The proof of leaf 5, `40414243`, in that tree.
  static let proof = """
    c2sp.org/tlog-proof@v1
    extra d2hhdCBvcGVuc3NsIHNpZ25lZA==
    index 5
    vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=
    yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=
    037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=

    log.example/fixture
    8
    XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

    — log.example/fixture abDgh8PViBD7K3EY7LwWrT5FxOOZ1Q8K4sUvvrcDfEmUkLfdpUG7iaioiDPi/3d42ResO14HMH/fNqT2wPetYz/iBQc=
    — w1.example/witness ofA90gAAAABlU/EAL8uo+5+4eWg3VXJZAE/g+Fptyk6Zh8fPz8ZaEHMrwpTPqZlQFYn6xAhLN2y3EWNVi480zQyN4K5PecOxD0utBg==
    — w2.example/witness vhvHSAAAAABlU/FkwpkRtH8tGTznzrNwueicd3ay9uN14HgS53X9pZlX8P4iukvFcG0SaMKKOTIIaJD/2nRN/naD5GC1SizGRhwXAQ==
    — w3.example/witness xSe+AgAAAABlU/HIE7ljTCrVbD/VjEpV7fBSXpx3ot0RXSL9oddSs7zjWmBWnQRE0Z2ToCqj4Th+5SFSuG8d74//87djwLMZhImpAA==

    """
}
