/// Keys as `openssl` wrote them; made for these tests and used nowhere else.
enum Fixtures {
  /// A P-256 key, PKCS#8.
  static let p256 = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWdXjS+dak5RNwt3B
    umPwgP/w4qGuSmkdwx736c4+3EmhRANCAAS4+BvAH0Qt+i3MaIzPCacMpx5Fu/Ea
    3vye3UzYtxxx32OtG+vZWsUdba5IOMCQyd4h0fAC1JhvaPgKOObwgAOB
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let p256Public = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEuPgbwB9ELfotzGiMzwmnDKceRbvx
    Gt78nt1M2Lcccd9jrRvr2VrFHW2uSDjAkMneIdHwAtSYb2j4Cjjm8IADgQ==
    -----END PUBLIC KEY-----

    """

  /// The same public half, its point compressed.
  static let p256Compressed = """
    -----BEGIN PUBLIC KEY-----
    MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgADuPgbwB9ELfotzGiMzwmnDKceRbvx
    Gt78nt1M2Lcccd8=
    -----END PUBLIC KEY-----

    """

  /// The same public half, its point in hybrid form.
  static let p256Hybrid = """
    -----BEGIN PUBLIC KEY-----
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAHuPgbwB9ELfotzGiMzwmnDKceRbvx
    Gt78nt1M2Lcccd9jrRvr2VrFHW2uSDjAkMneIdHwAtSYb2j4Cjjm8IADgQ==
    -----END PUBLIC KEY-----

    """

  /// The same key in its SEC1 form.
  static let p256SEC1 = """
    -----BEGIN EC PRIVATE KEY-----
    MHcCAQEEIFnV40vnWpOUTcLdwbpj8ID/8OKhrkppHcMe9+nOPtxJoAoGCCqGSM49
    AwEHoUQDQgAEuPgbwB9ELfotzGiMzwmnDKceRbvxGt78nt1M2Lcccd9jrRvr2VrF
    HW2uSDjAkMneIdHwAtSYb2j4Cjjm8IADgQ==
    -----END EC PRIVATE KEY-----

    """

  /// The same key under the passphrase "secret".
  static let p256Encrypted = """
    -----BEGIN ENCRYPTED PRIVATE KEY-----
    MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAh9ULFBT29jhwIBEDAM
    BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQM+Fav15r7r5OPi6maG1KUwSBkNBE
    aLbnNkCZ42uGQi/03M1CXCj5t+DeTd3D8aREqz6YVd+tSv7XPPrYUdVTDoVmXpP8
    u1N5b/t/LZAjyHzQ7PV8NYonAeu9l9qHHwrVA2y7an3AcCR+dJlkFij0ZAPdXyKt
    /843xaGNag6z4CpWC/+808U/zAPfCqKSDAtqoiQijkuF3qO48V87hXPKzNsG0Q==
    -----END ENCRYPTED PRIVATE KEY-----

    """

  /// A certificate over that key.
  static let p256Certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBcjCCARmgAwIBAgIUDWq522t4juXfU6wjb4AueTKwjsMwCgYIKoZIzj0EAwIw
    DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjMxODI3MDVaFw0zNjExMjAxODI3MDVa
    MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS4+BvA
    H0Qt+i3MaIzPCacMpx5Fu/Ea3vye3UzYtxxx32OtG+vZWsUdba5IOMCQyd4h0fAC
    1JhvaPgKOObwgAOBo1MwUTAdBgNVHQ4EFgQUGy0RjxJfEceZfK9fYUsxj/3fSa4w
    HwYDVR0jBBgwFoAUGy0RjxJfEceZfK9fYUsxj/3fSa4wDwYDVR0TAQH/BAUwAwEB
    /zAKBggqhkjOPQQDAgNHADBEAiAu7pVZ8lu/+kY03Z1Ahu4anwPRiilz7ptZHULk
    RrPMbwIgbXgOPGHrdKsUdq5qDbQcH0iOryAsCrzhkjP8pmIPAN4=
    -----END CERTIFICATE-----

    """

  /// A P-256 key whose curve is written as parameters.
  static let explicit = """
    -----BEGIN PRIVATE KEY-----
    MIIBeQIBADCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAAB
    AAAAAAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA
    ///////////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMV
    AMSdNgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg
    9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8A
    AAAA//////////+85vqtpxeehPO5ysL8YyVRAgEBBG0wawIBAQQgOEOrXIpwnvWf
    eZNymzW+gb1hMesI0W8kUVuUveWWcf2hRANCAARrCvGvVGtAx/TrRYxMUGTqGlky
    0O9zgMcb6tFWs76f8FVeTyx1F4ESse46uuw9kq9J29dsgQ0mkB73IBl77jt4
    -----END PRIVATE KEY-----

    """

  /// Its public half, likewise.
  static let explicitPublic = """
    -----BEGIN PUBLIC KEY-----
    MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
    AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
    ///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
    NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
    RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
    //////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABGsK8a9Ua0DH9OtFjExQZOoa
    WTLQ73OAxxvq0Vazvp/wVV5PLHUXgRKx7jq67D2Sr0nb12yBDSaQHvcgGXvuO3g=
    -----END PUBLIC KEY-----

    """

  /// An Ed25519 key, PKCS#8.
  static let ed25519 = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VwBCIEIP0DbOBeA4XvU3jOOdAXrZ1DsTRJR+4IlMCD7HrKe9cy
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let ed25519Public = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VwAyEACHThH8PvKtzgl3U54Cdh2FNNG2WFxd+W6IsI0OdjnEM=
    -----END PUBLIC KEY-----

    """

  /// An RSA key.
  static let rsa = """
    -----BEGIN PRIVATE KEY-----
    MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAKbDN+plJ4lo68cM
    SI86JppQlJvp9xkbVOWLmSjiIHIww5wT67DM7OmRWoa5DN5CkRyIHEnMYBxqaASn
    tNlC4QwsfhUUxnvfLXuWiGOHPOarjle2ae2+zjTyixs8Gsv2AIcYgzMMFqEUiI2n
    BiUxofp2Tej2SoGz9aMt5xa0yMbRAgMBAAECgYEAin6+xW/U8g2tItZUvH6y6J3b
    jdE1YiiMzUauoIGMKMnO6qSwrVjDuQb6g8DTqxLlqShxNekCORc15AfT7kvY0gg0
    PkCveayIPEH7ffVHGERnhZmJFdd3a7O9+VnJANB0l0ILWgCBwxSwtr8NHAo99hmC
    nSVxVy+8fBDsY8c4nkECQQDR8Lr5rFvpJLG3Q6X7vvFcSwgiZiCxueHTXwar9xey
    DXD1I88L64Rz5msfx2FN4zdcvvSEzdwgAaKY7Wt4XO9VAkEAy1lqCW1/KLqJvn74
    M+1sSm3Dp5Zh8Pcvmuv59h5GBzsNAEXEFWkMh7S5wU4tke7i5dEl9gmdsJuw5g+Q
    ncMhjQJAKanKkW4BN32Ovz3vnMxB/fzt+lWmO18WT+pV2p7I1w8P0bZvioAM4yth
    KwdYaiqjfAZxZEGuY7OvXwYPA+39mQJBALCJr8T/iqWRTIRVNqXeOWVkZbfYlq7b
    6jhVJWzGW4Vrfp39832i9X3bKGjptiY7fkCGkq5HKt9oSutwF9zeywECQAERrGay
    yBw6XRMQtCQut+9wQvQNrvFJwF2D0pPbG1kuUQmsototBLoiRNhE7BGiHkT1b5lB
    2KagEqHyQUse/Kk=
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let rsaPublic = """
    -----BEGIN PUBLIC KEY-----
    MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCmwzfqZSeJaOvHDEiPOiaaUJSb
    6fcZG1Tli5ko4iByMMOcE+uwzOzpkVqGuQzeQpEciBxJzGAcamgEp7TZQuEMLH4V
    FMZ73y17lohjhzzmq45Xtmntvs408osbPBrL9gCHGIMzDBahFIiNpwYlMaH6dk3o
    9kqBs/WjLecWtMjG0QIDAQAB
    -----END PUBLIC KEY-----

    """

  /// A P-384 key.
  static let p384 = """
    -----BEGIN PRIVATE KEY-----
    MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDTGOwtJH7uxaNakhnq
    dapcZGZolpnaExGNnhkuasQJ13ZTYrylsyYzGI7gVkJBjl+hZANiAAR18ZDpAilF
    gK/Q0oXsOqv1e6YLhXwHQsiqaBVc4VZexnwrPe6MmVcGwOE588k09G9Bkv/cfqgV
    uqJ3B8Zg+8EPyAdSmmgnhdbW+MXk7y1himAkagV9Ke2ENBWT77O7mWw=
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let p384Public = """
    -----BEGIN PUBLIC KEY-----
    MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEdfGQ6QIpRYCv0NKF7Dqr9XumC4V8B0LI
    qmgVXOFWXsZ8Kz3ujJlXBsDhOfPJNPRvQZL/3H6oFbqidwfGYPvBD8gHUppoJ4XW
    1vjF5O8tYYpgJGoFfSnthDQVk++zu5ls
    -----END PUBLIC KEY-----

    """

  /// A key of secp256k1, whose coordinates are as long as those of P-256.
  static let secp256k1 = """
    -----BEGIN PRIVATE KEY-----
    MIGEAgEAMBAGByqGSM49AgEGBSuBBAAKBG0wawIBAQQg++sWCA5MNN9ro8ka2MC8
    5UpaBvVOkPlZQJkuet5L2+6hRANCAAR5HqAnqhMG4Ir3lURC86CI9JnCVtGZkWlW
    RoqYW/DMZ8xLP7W+WWmB3KQajf5Au6u8pYMrijLhnRFnbE8uHfzn
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let secp256k1Public = """
    -----BEGIN PUBLIC KEY-----
    MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEeR6gJ6oTBuCK95VEQvOgiPSZwlbRmZFp
    VkaKmFvwzGfMSz+1vllpgdykGo3+QLurvKWDK4oy4Z0RZ2xPLh385w==
    -----END PUBLIC KEY-----

    """

  /// An X25519 key, whose bytes are as many as those of Ed25519.
  static let x25519 = """
    -----BEGIN PRIVATE KEY-----
    MC4CAQAwBQYDK2VuBCIEIAAJMw1sX+wjlGfU6muBE3zsf7oubsbl96QYrokiz71M
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let x25519Public = """
    -----BEGIN PUBLIC KEY-----
    MCowBQYDK2VuAyEAHmJJ3XDEDu68HbH0c4l4nzH9iqHCcF9nlQLZm0V7MxA=
    -----END PUBLIC KEY-----

    """

  /// An Ed448 key.
  static let ed448 = """
    -----BEGIN PRIVATE KEY-----
    MEcCAQAwBQYDK2VxBDsEOZA96PiIL5O8Y8myOWpyU5B2v0Vpg/g9CnevGfiB8XoW
    QP4NpLQv///EGen/TKaQLppewjUQOBD6Rw==
    -----END PRIVATE KEY-----

    """

  /// Its public half.
  static let ed448Public = """
    -----BEGIN PUBLIC KEY-----
    MEMwBQYDK2VxAzoAcvGLiRaW4+hYSEjfBuBuwbjbuUXhyjgeLMutVIQKom5HUm48
    PAtmnV7n2tTmbdfFmzuiH1t8jxqA
    -----END PUBLIC KEY-----

    """
}
