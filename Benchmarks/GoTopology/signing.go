package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"
)

const signedHeaders = "content-type;host;x-amz-date;x-amz-target"

func code(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

var keys sync.Map

// The key of a day is derived once.
func signingKey(date string) []byte {
	if kept, ok := keys.Load(date); ok {
		return kept.([]byte)
	}
	made := []byte("AWS4" + secret)
	for _, part := range []string{date, region, "dynamodb", "aws4_request"} {
		made = code(made, part)
	}
	keys.Store(date, made)
	return made
}

// Signature Version 4 of a request that has its X-Amz-Date.
func signature(r *http.Request, host string, body []byte) (scope, text string) {
	moment := r.Header.Get("X-Amz-Date")
	date := moment[:8]
	payload := sha256.Sum256(body)
	canonical := "POST\n/\n\ncontent-type:" + strings.TrimSpace(r.Header.Get("Content-Type")) + "\nhost:" + host +
		"\nx-amz-date:" + moment + "\nx-amz-target:" + strings.TrimSpace(r.Header.Get("X-Amz-Target")) + "\n\n" +
		signedHeaders + "\n" + hex.EncodeToString(payload[:])
	digest := sha256.Sum256([]byte(canonical))
	scope = date + "/" + region + "/dynamodb/aws4_request"
	text = "AWS4-HMAC-SHA256\n" + moment + "\n" + scope + "\n" + hex.EncodeToString(digest[:])
	return scope, hex.EncodeToString(code(signingKey(date), text))
}

func authorization(scope, signature string) string {
	return "AWS4-HMAC-SHA256 Credential=" + key + "/" + scope + ", SignedHeaders=" + signedHeaders +
		", Signature=" + signature
}

func sign(r *http.Request, body []byte, now time.Time) {
	r.Header.Set("X-Amz-Date", now.Format("20060102T150405Z"))
	r.Header.Set("Authorization", authorization(signature(r, r.URL.Host, body)))
}

func verify(r *http.Request, body []byte) error {
	moment, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil {
		return err
	}
	if age := time.Since(moment); age > 15*time.Minute || age < -15*time.Minute {
		return errors.New("the signature has expired")
	}
	wanted := authorization(signature(r, r.Host, body))
	if subtle.ConstantTimeCompare([]byte(wanted), []byte(r.Header.Get("Authorization"))) != 1 {
		return errors.New("the signature does not match")
	}
	return nil
}
