package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const route = "POST /api/v1/counter/increment"

type event struct {
	Version         string            `json:"version"`
	RouteKey        string            `json:"routeKey"`
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Headers         map[string]string `json:"headers"`
	RequestContext  context           `json:"requestContext"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

type context struct {
	AccountID    string `json:"accountId"`
	APIID        string `json:"apiId"`
	DomainName   string `json:"domainName"`
	DomainPrefix string `json:"domainPrefix"`
	HTTP         struct {
		Method    string `json:"method"`
		Path      string `json:"path"`
		Protocol  string `json:"protocol"`
		SourceIP  string `json:"sourceIp"`
		UserAgent string `json:"userAgent"`
	} `json:"http"`
	RequestID string `json:"requestId"`
	RouteKey  string `json:"routeKey"`
	Stage     string `json:"stage"`
	Time      string `json:"time"`
	TimeEpoch int64  `json:"timeEpoch"`
}

type answer struct {
	StatusCode int               `json:"statusCode"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
}

func makeEvent(r *http.Request, body []byte) event {
	var random [23]byte
	rand.Read(random[:])
	now := time.Now().UTC()
	made := event{Version: "2.0", RouteKey: route, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery, Body: string(body)}
	made.Headers = make(map[string]string, len(r.Header)+5)
	for name, values := range r.Header {
		made.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	host, port, err := net.SplitHostPort(r.Host)
	if err != nil {
		host, port = r.Host, "80"
	}
	peer, _, _ := net.SplitHostPort(r.RemoteAddr)
	made.Headers["host"] = r.Host
	made.Headers["x-forwarded-for"] = peer
	made.Headers["x-forwarded-port"] = port
	made.Headers["x-forwarded-proto"] = "http"
	made.Headers["x-amzn-trace-id"] = fmt.Sprintf("Root=1-%08x-%s", now.Unix(), hex.EncodeToString(random[:12]))
	made.RequestContext = context{
		AccountID: "000000000000", APIID: "local", DomainName: host, DomainPrefix: strings.SplitN(host, ".", 2)[0],
		RequestID: base64.StdEncoding.EncodeToString(random[12:]), RouteKey: route, Stage: "$default",
		Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli()}
	made.RequestContext.HTTP.Method, made.RequestContext.HTTP.Path = r.Method, r.URL.Path
	made.RequestContext.HTTP.Protocol, made.RequestContext.HTTP.SourceIP = "HTTP/1.1", peer
	made.RequestContext.HTTP.UserAgent = r.UserAgent()
	return made
}

func gateway(address, file string, functions []string) {
	next := atomic.Uint64{}
	caller := client()
	mux := http.NewServeMux()
	mux.Handle("/", newStore(file))
	mux.HandleFunc(route, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		made := makeEvent(r, body)
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
		w.Header().Set("apigw-requestid", made.RequestContext.RequestID)
		w.WriteHeader(reply.StatusCode)
		io.WriteString(w, reply.Body)
	})
	serve(address, mux)
}
