package server

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math/big"
	"strings"
)

// saleorSigned verifies a detached JSON Web Signature of the body (RFC 7515, appendix F) by
// RS256. Without public keys it verifies the older way: an HMAC of the body in hexadecimal
// digits.
func saleorSigned(s *signed) bool {
	signature := s.one("Saleor-Signature")
	if len(s.connection.PublicKeys) == 0 {
		return s.isMAC(signature, hex.EncodeToString, s.body)
	}
	keys, err := parseKeySet(s.connection.PublicKeys)
	return err == nil && isDetachedJWS(signature, s.body, keys)
}

// A publicKey is a key of RSA, and its id, which may be "".
type publicKey struct {
	id  string
	key *rsa.PublicKey
}

// leastKeyBits is the size of the smallest keys that RS256 may have.
const leastKeyBits = 2048

// parseKeySet reads the RSA keys of a JSON Web Key Set.
func parseKeySet(text []byte) (keys []publicKey, err error) {
	var set struct {
		Keys []struct{ Kty, Kid, Use, Alg, N, E string }
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, errors.New("the public keys are no JSON Web Key Set")
	}
	for _, k := range set.Keys {
		if k.Kty != "RSA" || k.Use != "" && k.Use != "sig" || k.Alg != "" && k.Alg != "RS256" {
			continue
		}
		n, errN := base64.RawURLEncoding.DecodeString(k.N)
		e, errE := base64.RawURLEncoding.DecodeString(k.E)
		if errN != nil || errE != nil || len(e) == 0 || len(e) > 4 {
			return nil, errors.New("the public keys have a key that cannot be read")
		}
		key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
		if key.N.BitLen() < leastKeyBits || key.E < 3 || key.E%2 == 0 {
			return nil, errors.New("the public keys have a key that is too weak: want RSA of 2048 bits or more")
		}
		keys = append(keys, publicKey{k.Kid, key})
	}
	if len(keys) == 0 {
		return nil, errors.New("the public keys have none for RS256")
	}
	return keys, nil
}

// isDetachedJWS reports whether a text is a signature of a body by one of the keys. The payload
// is left out of the text, and is the body itself or, if the header does not say so, the body in
// base64.
func isDetachedJWS(text string, body []byte, keys []publicKey) bool {
	header, rest, _ := strings.Cut(text, ".")
	payload, encoded, ok := strings.Cut(rest, ".")
	headerJSON, errHeader := base64.RawURLEncoding.Strict().DecodeString(header)
	signature, errSignature := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if !ok || payload != "" || errHeader != nil || errSignature != nil {
		return false
	}
	var says struct {
		Alg, Kid string
		B64      *bool
		Crit     []string
	}
	if json.Unmarshal(headerJSON, &says) != nil || says.Alg != "RS256" {
		return false
	}
	for _, name := range says.Crit {
		if name != "b64" {
			return false
		}
	}
	hash := sha256.New()
	hash.Write([]byte(header + "."))
	if says.B64 != nil && !*says.B64 {
		hash.Write(body)
	} else {
		hash.Write([]byte(base64.RawURLEncoding.EncodeToString(body)))
	}
	digest := hash.Sum(nil)
	for _, k := range keys {
		if (says.Kid == "" || k.id == "" || k.id == says.Kid) && rsa.VerifyPKCS1v15(k.key, crypto.SHA256, digest, signature) == nil {
			return true
		}
	}
	return false
}
