// The health function in Go, by the same Runtime API and with the standard library alone: what the Swift one is
// measured against.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"time"
)

type event struct {
	RawPath        string            `json:"rawPath"`
	Headers        map[string]string `json:"headers"`
	RequestContext struct {
		RequestID string `json:"requestId"`
		HTTP      struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

type answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

type health struct {
	Status    string `json:"status"`
	Service   string `json:"service"`
	Timestamp string `json:"timestamp"`
	Version   string `json:"version"`
}

func handle(payload []byte) ([]byte, error) {
	var request event
	if err := json.Unmarshal(payload, &request); err != nil {
		return nil, err
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	body, err := json.Marshal(health{"ok", "mumble-serverless", now, "0.1.0"})
	if err != nil {
		return nil, err
	}
	return json.Marshal(answer{200, map[string]string{"content-type": "application/json; charset=utf-8"}, string(body)})
}

func serve(base string) {
	// A client each: every call has a connection of its own, which stays open.
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	for {
		next, err := client.Get(base + "next")
		if err != nil {
			log.Fatal(err)
		}
		payload, err := io.ReadAll(next.Body)
		next.Body.Close()
		if err != nil || next.StatusCode != 200 {
			log.Fatal("no event: ", next.Status, err)
		}
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		result, err := handle(payload)
		path := base + id + "/response"
		if err != nil {
			path = base + id + "/error"
			result = []byte(`{"errorType":"Event","errorMessage":` + strconv.Quote(err.Error()) + `}`)
		}
		posted, err := client.Post(path, "application/json", bytes.NewReader(result))
		if err != nil {
			log.Fatal(err)
		}
		io.Copy(io.Discard, posted.Body)
		posted.Body.Close()
	}
}

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	calls, _ := strconv.Atoi(os.Getenv("AWS_LAMBDA_MAX_CONCURRENCY"))
	for i := 1; i < calls; i++ {
		go serve(base)
	}
	serve(base)
}
