// Collector reads log files and sends their lines to Loki as Promtail does, of whose packages it is made: file targets with their
// positions, stages, and the client. Tests run it in the place of Alloy, whose module is not published.
//
//	collector <configuration>
//
// The configuration has Promtail's keys positions, client and scrape_configs. It ends on SIGTERM, with everything sent that it has read.
package main

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/grafana/loki/v3/clients/pkg/logentry/stages"
	"github.com/grafana/loki/v3/clients/pkg/promtail/api"
	"github.com/grafana/loki/v3/clients/pkg/promtail/client"
	"github.com/grafana/loki/v3/clients/pkg/promtail/positions"
	"github.com/grafana/loki/v3/clients/pkg/promtail/scrapeconfig"
	"github.com/grafana/loki/v3/clients/pkg/promtail/targets/file"
	"github.com/oschwald/geoip2-golang/v2"
	"github.com/prometheus/client_golang/prometheus"
	yaml "gopkg.in/yaml.v2"
)

type configuration struct {
	Positions     positions.Config      `yaml:"positions"`
	Client        client.Config         `yaml:"client"`
	ScrapeConfigs []scrapeconfig.Config `yaml:"scrape_configs"`
}

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("usage: collector <configuration>")
	}
	text, err := os.ReadFile(arguments[1])
	if err != nil {
		return err
	}
	var config configuration
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		return err
	}
	logger := level.NewFilter(log.NewLogfmtLogger(log.NewSyncWriter(os.Stderr)), level.AllowWarn())
	registry := prometheus.NewRegistry()
	places, err := positions.New(logger, config.Positions)
	if err != nil {
		return err
	}
	sender, err := client.New(client.NewMetrics(registry), config.Client, 0, 0, false, logger)
	if err != nil {
		return err
	}
	targets := &file.Config{SyncPeriod: time.Second}
	metrics := file.NewMetrics(registry)
	var stops []func()
	for _, job := range config.ScrapeConfigs {
		handler, err := withStages(job.PipelineStages, sender, logger, registry)
		if err != nil {
			return fmt.Errorf("%s: %w", job.JobName, err)
		}
		// The stages are run here, as one of them is not Promtail's.
		job.PipelineStages = nil
		manager, err := file.NewFileTargetManager(
			metrics, logger, places, handler, []scrapeconfig.Config{job}, targets, file.DefaultWatchConfig)
		if err != nil {
			return fmt.Errorf("%s: %w", job.JobName, err)
		}
		stops = append(stops, manager.Stop, handler.Stop)
	}
	fmt.Println("running")
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	<-ended
	for _, stop := range stops {
		stop()
	}
	sender.Stop()
	places.Stop()
	return nil
}

// withStages gives a handler that sends entries through stages to another one.
func withStages(
	configured stages.PipelineStages, next api.EntryHandler, logger log.Logger, registry prometheus.Registerer,
) (api.EntryHandler, error) {
	first := make(chan stages.Entry)
	last := first
	for _, stage := range configured {
		created, err := newStage(stage, logger, registry)
		if err != nil {
			return nil, err
		}
		last = created.Run(last)
	}
	in := make(chan api.Entry)
	var running sync.WaitGroup
	running.Add(2)
	go func() {
		defer running.Done()
		defer close(first)
		for entry := range in {
			extracted := map[string]interface{}{}
			for name, value := range entry.Labels {
				extracted[string(name)] = string(value)
			}
			first <- stages.Entry{Extracted: extracted, Entry: entry}
		}
	}()
	go func() {
		defer running.Done()
		for entry := range last {
			next.Chan() <- entry.Entry
		}
	}()
	var once sync.Once
	return api.NewEntryHandler(in, func() {
		once.Do(func() { close(in) })
		running.Wait()
	}), nil
}

func newStage(configured interface{}, logger log.Logger, registry prometheus.Registerer) (stages.Stage, error) {
	stage, isStage := configured.(stages.PipelineStage)
	if !isStage {
		return nil, fmt.Errorf("not a stage: %v", configured)
	}
	if lookUp, isLookUp := stage["geoip"].(stages.PipelineStage); isLookUp {
		return newCountryStage(fmt.Sprint(lookUp["db"]), fmt.Sprint(lookUp["source"]))
	}
	return stages.NewPipeline(logger, stages.PipelineStages{stage}, nil, registry)
}

// countryStage looks up the country of an extracted address, as Alloy's stage.geoip does with db_type = "country": it sets the extracted
// value geoip_country_code. Promtail's stage knows no countries and sets labels.
type countryStage struct {
	database *geoip2.Reader
	source   string
}

func newCountryStage(path, source string) (stages.Stage, error) {
	database, err := geoip2.Open(path)
	if err != nil {
		return nil, fmt.Errorf("geoip: %w", err)
	}
	return &countryStage{database, source}, nil
}

func (stage *countryStage) Name() string { return "geoip" }

func (stage *countryStage) Cleanup() {}

func (stage *countryStage) Run(in chan stages.Entry) chan stages.Entry {
	return stages.RunWith(in, func(entry stages.Entry) stages.Entry {
		text, _ := entry.Extracted[stage.source].(string)
		// As Alloy, which reads addresses with net.ParseIP.
		address, isAddress := netip.AddrFromSlice(net.ParseIP(text))
		if !isAddress {
			return entry
		}
		if record, err := stage.database.Country(address.Unmap()); err == nil && record.Country.ISOCode != "" {
			entry.Extracted["geoip_country_code"] = record.Country.ISOCode
		}
		return entry
	})
}
