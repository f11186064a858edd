// The counter's way in Go, with the standard library alone, and with the work of the Swift one: a gateway process that
// makes an event of format 2.0 of a request and hands it to a function process over HTTP; a function process that
// checks the input and calls the store by a signed UpdateItem; and the store, which lives in the gateway's process as
// the emulator's does, checks the signature, runs the update expression, keeps the index beside the item, and answers
// when the change is on the disk.
package main

import (
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

const (
	table  = "mumble"
	region = "us-east-1"
	key    = "test"
	secret = "test"
)

func client() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConns: 1024, MaxIdleConnsPerHost: 1024}}
}

func post(client *http.Client, url string, body []byte) ([]byte, error) {
	response, err := client.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}

func serve(address string, handler http.Handler) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, handler))
}

// gateway ADDRESS FILE FUNCTION... | function ADDRESS STORE
func main() {
	switch os.Args[1] {
	case "gateway":
		gateway(os.Args[2], os.Args[3], os.Args[4:])
	case "function":
		function(os.Args[2], os.Args[3])
	}
}
