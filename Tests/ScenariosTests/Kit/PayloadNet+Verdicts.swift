extension PayloadNet {
  /// By type, the first digits of a digest of the verdicts on each group of inputs.
  static let verdicts: [String: String] = [
    "calendar in force": """
    7ad4238c 3a407d09 efb678b5
    """,
    "calendar record": """
    d749c259 0bf2f790 c7a288c3 b9bf626c fd968b4e bffb199d 6a6af18e 5a7fd494
    """,
    "delivery record": """
    99414ae0 40718816 be0dbd92 c78f0871 320b0234 c5b8364e 22e90fcf 444e3672 d3ab003e ee38cbc4 7ebf3798 \
    fa358800 c2fe66d9 c5c0fb9e 58924309 c98681a6 90e2442d 6866de84 e546b654 6b2990ca
    """,
    "entry record": """
    1fbfc240 8373abfe 7c2b5419 52f1925c 34af33a1 3b1e543d 856724fa 2ed61898 a02af85a faad7117 2cb876f7 \
    e60e7fee f7dba391 82f8dadc 033cd2a6 2ada3a54 ea31a8a2 055c4eab 2021b04e a4f6bca5 048f2032
    """,
    "evidence.accept": """
    74e8f442 68d6be17 39fbc1ae 193c4ae9 7f25a24d 06ed62d9 f88d5440 f8f57d8d 210cea63 89b5fc52 df6a78ed \
    33775db2 f09254a1
    """,
    "evidence.correct": """
    b9219b7d cbb541e5 2be0a449 0848c40a a0a26e4b 70bfcae6 1677d89a 9a7ad35f e6a914d3 72d4d3aa ad78aed8
    """,
    "evidence.decline": """
    935a2a6f adcbac36 e8045aa4 fa1eca5a 8748ac1d b5add245 661d8381 a130f22f 572f7cd7
    """,
    "evidence.deposit": """
    d5ad1dd4 b923d048 a16773be fecd2069 2fb6928b 519089c3 fb434c68 88b0aa08 85a4f61c ae5eecf3 f5dbe4d7 \
    76595328 6aab8bb0 831a57ef 66414f3d b05fd66c d4bfef20 bc88c70b 665f6153 b3946412 97d1f4e1 bab46bd7 \
    24a11245 40e2b688 dc1a97ee dc5823b0 b273b2b3
    """,
    "evidence.examine": """
    62915dd8 1ec49b92 d8e8c037 a1ed2a49 b8ce8f5d 9479d223 bba69668 1029d986 45595430 b6b10902 ed9f9b82 \
    d6244077 5bd74b35
    """,
    "evidence.hold": """
    67bc520e 6673da2f e9ca1e74 99a5faa9 f6ad28ef 78fc4fd4 3942b853 e0956652
    """,
    "evidence.lift": """
    67bc520e 12b52d05 021247e2 99a5faa9 da179a4d 47ac4bd1 2e541806 76c4a6b3
    """,
    "evidence.offer": """
    a7b7c19f 30bac7c5 e9aeaa50 834d4061 b86ea944 1b7c2ef1 54c71bd4 3f6c9165 4b72621f 4afac8f3 3ead37b0 \
    b32d89d0 12bd72b0 3e945832 5c6f677e
    """,
    "evidence.present": """
    1c116f9e 657a20e9 9f4f43aa 879032c6 5a5229a1 75d684b5 f906093f f0f86aa0 f8079187
    """,
    "evidence.release": """
    e01cbf78 c14e61fa c8eb896f 3b8c06c5 db5d2ffd f86b63d2 1fc8960e 406e6dce a979df98 ef447dc8 ac95d02e
    """,
    "evidence.renew": """
    3448597b 630fde7c f44912c2 2574e2e5 27f01f5f f09a9006 14cf15e4
    """,
    "evidence.reseal": """
    3252c15e bb461562 47969a0e 665daf69 5d4c490e c92b6cc2 ef9cdc19 675b4664 6964c8c2 d993cb6e 61bd0bb4 \
    e7d34c34
    """,
    "evidence.resolve": """
    748ed62d f495cd98 07204882 df3a07d5 9ada2335 1fc7f24b 379e7b30 a74fbb3a 117b2a2f ca4807f0 e5d0317e \
    303e5142
    """,
    "evidence.seal": """
    49c30dbb a3286773 0eeb16d4 010bb14a afa59d88 ed1227a5 2554dfd4 972e75e8 49af9480 4ff9401b
    """,
    "item": """
    d969c137 44fbb91b 16144656 c94a2393 982b6251 338b89aa 82ea3ec7 2ed1f2a0 cfb0909d 3eb8a09e 06465d8d \
    3f36d818 efe0642d 942018c6 c0d90fc6 97f7b3df 72167366 f641dbc4 59c8d200 85763f98 488eee8d 30f79c3e \
    fc839423 9f98abfe 2e9ce149 60bfee1e 98f5eb0d bf72b79c 6dee2782 1213c1e1 b215b778 bafeca6c
    """,
    "lead record": """
    58ea9e31 6ad0dd84 348c9457 d13ecfdc c42b46de
    """,
    "objection record": """
    2fa1c924 cd35574c 88ed5aab 43850fa7 5d51f653 571750d5 7ef81979 d0d5802d 9be4ab36 cba8bee9 4980428e \
    16f58992 74f4347a 452fa474 ea78636c e10e32ec 2092bf2e d17a1237 34eeb1ad 14f1d21c 207bfc87 3534fad1 \
    2832d1f1 92eebb5f 899bba7f 0157d904 329617f9
    """,
    "offer record": """
    09b77dbb 42910654 26b5a4eb 658004b0 e8ec11a7 c931c61f 66873964 8aad1e7c 8a3f66ad
    """,
    "pending": """
    7d80e6ea c4ea07bd 9f856063 4c11549f e69fe526 b1748cdf 454e72a1 a9e71b7c 910f7cbd 91d7a41e
    """,
    "record": """
    1808ce07 08b4ac5b 4ee8a24d ce1e2a42
    """,
    "request record": """
    3ff9abee 0eea8fb3 ea2cf84a 5ff01c7a 326d4105 007969f8 5db55a1c e4d9cadf d649e7b0 fc242261 ba6a4ded \
    25e74c97 635cc3a1 10874021 34a8c795 c5fce9f6 613c7bb3 4c4dfaf5 1c36558f 12ef5cfc a500e07e eba7688e \
    78541ce5 fab69dc4 f6ce2da3 a48d38b4 4c76cef1 dec9f9d6 c4d63da5
    """,
    "seal use": """
    0bb4f0b9 405d62d0 163e5a5d
    """,
    "sharing.answer": """
    48ba59aa 22951d89 320cb926 71508cfa 317e6636 b0c31ac2 105703ab 020c8028 818907ec d8608784 592e5ce8 \
    e4b663af 1954d438
    """,
    "sharing.calendar": """
    1663394b fd6c2342 05d20964 d7925ca5 adbd5bf2 159b93d7 09533e69 87a5f00b 983fdaef 869d8d75 51b76a41 \
    f3c8ef7d
    """,
    "sharing.catalogue": """
    83f987e9 94fa3175 fcaadf0a a45f60a3 4a665289 8400fcef 163f551d 6be7c0a2 2832abaa c49a3f47 c29a2a0c \
    029789ba 60c1b7f2 229f8ec8 62c580a8 ae015df7 5da2e28d 53dfaba6 4e8952ae bae176e5 999315cd cddc135e \
    ff38717e 3f9cf007 c2ec377d c28b605e 22bfa11a
    """,
    "sharing.deliver": """
    e9b94f8e e96bcaf9 4ebe602a 7bab2b0e 1e2a8a0f 672a3c83 af78acb6 02614031
    """,
    "sharing.erase": """
    89307dbd ed3980af b4a047c8 368c3411 0a1d3c87
    """,
    "sharing.grant": """
    8c8d6bd0 5c9f30ee 9c5144b1 421805bd 0b10631c a4601476 a40188af 4931bc6b 37757917 b927b65f 51215d11 \
    2d242f2c a935793d 768f2b22 39324080 f9e91853
    """,
    "sharing.object": """
    d4786e22 e03e1c9a b1fee74d 69b19b5d 4075d689 a2d05780 6c5237f5 28497323 da030703 854bc309 ca7000ec
    """,
    "sharing.receipt": """
    36985c38 2069e92e bca2fe1a ca3ec8f0 c58abbe6
    """,
    "sharing.refuse": """
    eb7b1868 1c07a960 a3d29969 96b37135 65192697
    """,
    "sharing.request": """
    dd8779b1 beb36f87 3e73a64e 8098fb13 330c714e de80d97e 9335b313 dd163f38 eb1147e9 3f93feb3 24baf86c \
    0ce27c5b db622507 6f908827 df7894fa 6cf682a8 cf516992 f78820b2 18b3fd79 5455ce1f 5cd6112d ed4762a1 \
    4d0ed5e5 6e1c9b91 756e09e6
    """,
    "sharing.revoke": """
    720795d3 d2749795 efe97803 ee506729 a5c38f61
    """,
    "sharing.use": """
    978f7ef0 010d2bf6 3efb8a6f 47dd4d8a 297b5449 f8267fa3
    """,
    "use record": """
    61bfe162 54a1af11 4c9cedf5 9268beee e59571fc 6c2f63c5 83246535 9ab42d30 82cb0193 8a4e0376 152fab32
    """,
  ]
}
