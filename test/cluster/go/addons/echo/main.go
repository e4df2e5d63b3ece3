// A server to test with: answers any path with what it was asked. FAIL=<message> makes it end with that message instead.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if message := os.Getenv("FAIL"); message != "" {
		fmt.Fprintln(os.Stderr, message)
		os.Exit(1)
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	started := time.Now()
	server := &http.Server{Addr: ":" + port, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// ?sleep=3s holds the answer back, so that tests can keep a pod busy.
		if pause, err := time.ParseDuration(r.URL.Query().Get("sleep")); err == nil {
			time.Sleep(pause)
		}
		hostname, _ := os.Hostname()
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]any{
			"method": r.Method, "path": r.URL.Path, "host": r.Host, "pod": hostname,
			"revision": os.Getenv("K_REVISION"), "upSeconds": time.Since(started).Seconds(),
		})
	})}
	stop, _ := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(stop, func() { server.Close() })
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
