package server

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"process-orders/internal/lazy"
)

// A signed is a delivery whose signature is to be verified. The body is as it came, byte by byte.
type signed struct {
	connection *Connection
	secrets    []string // one or two
	header     http.Header
	body       []byte
	now        time.Time
}

// one returns the value of a header that is there once, under one of several names; else "".
func (s *signed) one(names ...string) (value string) {
	n := 0
	for _, name := range names {
		for _, v := range s.header.Values(name) {
			value = v
			n++
		}
	}
	if n != 1 {
		return ""
	}
	return value
}

// isMAC reports whether a text is the HMAC-SHA256 of a message by one of the secrets. The text is
// compared with the one form that it may have, in constant time.
func (s *signed) isMAC(text string, encode func([]byte) string, message ...[]byte) bool {
	found := 0
	for _, secret := range s.secrets {
		found |= equalMAC(text, encode, []byte(secret), message...)
	}
	return found == 1
}

// equalMAC returns 1 if a text is the HMAC-SHA256 of a message by a key, and else 0.
func equalMAC(text string, encode func([]byte) string, key []byte, message ...[]byte) int {
	if len(key) == 0 {
		return 0
	}
	return subtle.ConstantTimeCompare([]byte(text), []byte(encode(macOf(key, message...))))
}

// macOf is the HMAC-SHA256 of a message by a key.
func macOf(key []byte, message ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range message {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

var asBase64 = base64.StdEncoding.EncodeToString

// shopifySigned verifies the HMAC of the body. The newer header has no X-.
func shopifySigned(s *signed) bool {
	return s.isMAC(s.one("X-Shopify-Hmac-Sha256", "Shopify-Hmac-Sha256"), asBase64, s.body)
}

func woocommerceSigned(s *signed) bool {
	return s.isMAC(s.one("X-WC-Webhook-Signature"), asBase64, s.body)
}

// toastSigned verifies the HMAC of the body with the time that is in it behind it.
func toastSigned(s *signed) bool {
	signature := s.one("Toast-Signature")
	if signature == "" {
		return false // before the body is read, which may be large
	}
	var stamped struct {
		Timestamp string `json:"timestamp"`
	}
	if json.Unmarshal(s.body, &stamped) != nil || stamped.Timestamp == "" {
		return false
	}
	return s.isMAC(signature, asBase64, s.body, []byte(stamped.Timestamp))
}

// genericSigned verifies the HMAC of the body as the connection says.
func genericSigned(s *signed) bool {
	signature, ok := strings.CutPrefix(s.one(s.connection.Header), s.connection.Prefix)
	switch {
	case !ok:
		return false
	case s.connection.Encoding == "base64":
		return s.isMAC(signature, asBase64, s.body)
	case signature == strings.ToUpper(signature): // some write it in capital letters; none mix them
		return s.isMAC(strings.ToLower(signature), hex.EncodeToString, s.body)
	}
	return s.isMAC(signature, hex.EncodeToString, s.body)
}

// Secrets of Standard Webhooks. A public key is one, too, in its place.
const (
	hmacSecretPrefix = "whsec_"
	publicKeyPrefix  = "whpk_"
)

const (
	// tolerance is by how much the time of a Standard Webhook may differ from ours.
	tolerance = 5 * time.Minute
	// mostSignatures is how many signatures a Standard Webhook may have: more than two secrets
	// on each side make.
	mostSignatures = 16
)

// messageID is the id of a Standard Webhook. It has no dot, so that what is signed can be taken
// apart in one way only.
var messageID = lazy.Regexp(`^[!-\-/-~]{1,255}$`)

// standardSigned verifies one of the signatures of id, time and body.
func standardSigned(s *signed) bool {
	id, stamp := s.one("Webhook-Id", "Svix-Id"), s.one("Webhook-Timestamp", "Svix-Timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || !messageID().MatchString(id) || s.now.Sub(time.Unix(seconds, 0)).Abs() > tolerance {
		return false
	}
	signatures := strings.Split(s.one("Webhook-Signature", "Svix-Signature"), " ")
	if len(signatures) > mostSignatures {
		return false
	}
	message := [][]byte{[]byte(id), {'.'}, []byte(stamp), {'.'}, s.body}
	found := 0
	for _, secret := range s.secrets {
		key, isPublic, err := standardKey(secret)
		if err != nil {
			continue
		}
		for _, signature := range signatures {
			if isPublic {
				found |= equalEd25519(signature, key, message)
			} else {
				found |= equalMAC(signature, func(mac []byte) string { return "v1," + asBase64(mac) }, key, message...)
			}
		}
	}
	return found == 1
}

// equalEd25519 returns 1 if a text is the signature of a message by a public key, and else 0.
func equalEd25519(text string, key ed25519.PublicKey, message [][]byte) int {
	encoded, ok := strings.CutPrefix(text, "v1a,")
	signature, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if !ok || err != nil {
		return 0
	}
	var whole []byte
	for _, part := range message {
		whole = append(whole, part...)
	}
	if ed25519.Verify(key, whole, signature) {
		return 1
	}
	return 0
}

// standardKey reads a secret of Standard Webhooks.
func standardKey(secret string) (key []byte, isPublic bool, err error) {
	encoded, isPublic := strings.CutPrefix(secret, publicKeyPrefix)
	encoded, isHMAC := strings.CutPrefix(encoded, hmacSecretPrefix)
	key, err = base64.StdEncoding.DecodeString(encoded)
	switch {
	case isHMAC == isPublic || err != nil:
	case isPublic && len(key) == ed25519.PublicKeySize, isHMAC && len(key) >= 24 && len(key) <= 64:
		return key, isPublic, nil
	}
	return nil, false, errors.New("the secret of a Standard Webhook is whsec_ with 24 to 64 bytes in base64, or whpk_ with a public key of ed25519")
}

func checkStandardSecret(secret string) error {
	_, _, err := standardKey(secret)
	return err
}
