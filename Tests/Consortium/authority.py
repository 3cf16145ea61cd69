"""A private authority of TLS certificates, made by openssl as `Examples/consortium/operating.md` says. Standard library only."""
import ssl
import urllib.request

from cluster import must

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """An authority whose certificate is `file`, and a way to ask servers that trusts it alone."""

    def __init__(self, folder, name):
        self.base, self.folder = f"{folder}/{name}", folder
        self.file = f"{self.base}.pem"
        must("openssl", "req", "-x509", *KEY, "-days", "2", "-keyout", f"{self.base}.key", "-out", self.file, "-subj", f"/CN={name}",
             "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.file)))

    def certificate(self, name, host):
        """A certificate for the loopback address `host`, and its key: two files. A member of etcd also judges by it where another comes
        from, and who connects within this machine comes from 127.0.0.1."""
        base = f"{self.folder}/{name}"
        must("openssl", "req", "-new", *KEY, "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}")
        with open(f"{base}.ext", "w", encoding="ascii") as file:
            file.write(f"subjectAltName=IP:{host},IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n")
        must("openssl", "x509", "-req", "-in", f"{base}.csr", "-CA", self.file, "-CAkey", f"{self.base}.key", "-CAcreateserial",
             "-days", "2", "-extfile", f"{base}.ext", "-out", f"{base}.pem")
        return f"{base}.pem", f"{base}.key"
