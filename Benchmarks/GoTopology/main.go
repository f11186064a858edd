// The counter's way in Go, with the standard library alone: a gateway process that makes an event of a request and
// hands it to a function process over HTTP, a function process that calls the store over HTTP, and the store, which
// lives in the gateway's process as the emulator's does and answers when the change is on the disk. There are no
// signatures, no routes but one and no expressions: it has less to do.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

type event struct {
	RouteKey       string            `json:"routeKey"`
	RawPath        string            `json:"rawPath"`
	Headers        map[string]string `json:"headers"`
	RequestContext context           `json:"requestContext"`
	Body           string            `json:"body"`
}

type context struct {
	RequestID string `json:"requestId"`
	TimeEpoch int64  `json:"timeEpoch"`
	HTTP      struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	} `json:"http"`
}

type answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

type increment struct {
	ResourceID  string `json:"resource_id"`
	CounterType string `json:"counter_type"`
}

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

// MARK: store

type change struct {
	key   string
	value chan int64
}

// Writers that come while one sync runs share the next.
func store(path string) chan change {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	changes := make(chan change, 1024)
	go func() {
		counts := map[string]int64{}
		for first := range changes {
			batch := []change{first}
		drain:
			for len(batch) < 1024 {
				select {
				case next := <-changes:
					batch = append(batch, next)
				default:
					break drain
				}
			}
			var lines bytes.Buffer
			values := make([]int64, len(batch))
			for i, one := range batch {
				counts[one.key]++
				values[i] = counts[one.key]
				json.NewEncoder(&lines).Encode(map[string]any{"key": one.key, "value": values[i]})
			}
			if _, err := file.Write(lines.Bytes()); err != nil {
				log.Fatal(err)
			}
			if err := syscall.Fdatasync(int(file.Fd())); err != nil {
				log.Fatal(err)
			}
			for i, one := range batch {
				one.value <- values[i]
			}
		}
	}()
	return changes
}

// MARK: processes

// gateway ADDRESS FILE FUNCTION...
func gateway(address, file string, functions []string) {
	changes, next := store(file), atomic.Uint64{}
	caller := client()
	mux := http.NewServeMux()
	mux.HandleFunc("/store", func(w http.ResponseWriter, r *http.Request) {
		var wanted increment
		if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		mine := change{wanted.ResourceID + "#" + wanted.CounterType, make(chan int64, 1)}
		changes <- mine
		json.NewEncoder(w).Encode(map[string]int64{"value": <-mine.value})
	})
	mux.HandleFunc("/api/v1/counter/increment", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		made := event{RouteKey: "POST /api/v1/counter/increment", RawPath: r.URL.Path, Headers: map[string]string{}, Body: string(body)}
		for name, values := range r.Header {
			made.Headers[name] = values[0]
		}
		made.RequestContext.TimeEpoch = time.Now().UnixMilli()
		made.RequestContext.HTTP.Method, made.RequestContext.HTTP.Path = r.Method, r.URL.Path
		payload, _ := json.Marshal(made)
		turn := next.Add(1) % uint64(len(functions))
		result, err := post(caller, "http://"+functions[turn]+"/", payload)
		var reply answer
		if err == nil {
			err = json.Unmarshal(result, &reply)
		}
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		for name, value := range reply.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(reply.StatusCode)
		io.WriteString(w, reply.Body)
	})
	serve(address, mux)
}

// function ADDRESS STORE
func function(address, store string) {
	caller := client()
	serve(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got event
		var wanted increment
		err := json.NewDecoder(r.Body).Decode(&got)
		if err == nil {
			err = json.Unmarshal([]byte(got.Body), &wanted)
		}
		var result []byte
		if err == nil {
			body, _ := json.Marshal(wanted)
			result, err = post(caller, "http://"+store+"/store", body)
		}
		if err != nil {
			http.Error(w, err.Error(), 500)
			return
		}
		json.NewEncoder(w).Encode(answer{200, map[string]string{"content-type": "application/json"}, string(result)})
	}))
}

func serve(address string, handler http.Handler) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, handler))
}

func main() {
	switch os.Args[1] {
	case "gateway":
		gateway(os.Args[2], os.Args[3], os.Args[4:])
	case "function":
		function(os.Args[2], os.Args[3])
	}
}
