using System.Buffers.Binary;
using System.Collections.Concurrent;
using DeployCard.EndToEnd.Tests.Support.Observability.Otlp;
using DeployCard.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace DeployCard.EndToEnd.Tests.Support.Observability;

/// <summary>An OTLP collector on the loopback interface, for HTTP with protobuf and for gRPC.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly ConcurrentQueue<CollectedSpan> spans = new();
    private readonly ConcurrentQueue<CollectedLog> logs = new();
    private readonly ConcurrentDictionary<string, string> metrics = new();
    private readonly ConcurrentDictionary<string, string> tenants = new();
    private readonly (int Http, int Grpc) ports = (TestPorts.FindFree(), TestPorts.FindFree());
    private WebApplication? app;

    public string HttpEndpoint => $"http://127.0.0.1:{ports.Http}";

    public string GrpcEndpoint => $"http://127.0.0.1:{ports.Grpc}";

    public IReadOnlyList<CollectedLog> Logs => [.. logs];

    /// <summary>Units of the metrics received, by name.</summary>
    public IReadOnlyDictionary<string, string> Metrics => metrics;

    /// <summary>Last value of the header <c>X-Tenant</c> for each path.</summary>
    public IReadOnlyDictionary<string, string> Tenants => tenants;

    public static async Task<Collector> Start()
    {
        var collector = new Collector();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(collector.ports.Http);
            kestrel.ListenLocalhost(collector.ports.Grpc, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        collector.app = builder.Build();
        collector.app.Run(collector.Receive);
        await collector.app.StartAsync();
        return collector;
    }

    /// <summary>Waits until the spans of a trace meet a condition, and returns them.</summary>
    public Task<IReadOnlyList<CollectedSpan>> Trace(string id, Func<IReadOnlyList<CollectedSpan>, bool> isWhole) =>
        Eventually.Get(() => Task.FromResult(Trace(id)), isWhole, TestContext.Current.CancellationToken);

    public IReadOnlyList<CollectedSpan> Trace(string id) => [.. spans.Where(span => span.Trace == id)];

    /// <summary>All spans received so far.</summary>
    public IReadOnlyList<CollectedSpan> Spans => [.. spans];

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    private async Task Receive(HttpContext context)
    {
        using var whole = new MemoryStream();
        await context.Request.Body.CopyToAsync(whole, context.RequestAborted);
        var isGrpc = context.Request.ContentType == "application/grpc";
        // A gRPC message has a prefix of five bytes: the compression flag and the length.
        var message = isGrpc ? whole.ToArray()[5..] : whole.ToArray();
        if (isGrpc)
            BinaryPrimitives.ReadInt32BigEndian(whole.ToArray().AsSpan(1)).ShouldBe(message.Length);
        tenants[context.Request.Path] = context.Request.Headers["X-Tenant"].ToString();
        switch (context.Request.Path.Value)
        {
            case "/v1/traces" or "/opentelemetry.proto.collector.trace.v1.TraceService/Export":
                Add(ExportTraces.Parser.ParseFrom(message));
                break;
            case "/v1/logs" or "/opentelemetry.proto.collector.logs.v1.LogsService/Export":
                Add(ExportLogs.Parser.ParseFrom(message));
                break;
            case "/v1/metrics" or "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export":
                Add(ExportMetrics.Parser.ParseFrom(message));
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
        }

        context.Response.ContentType = isGrpc ? "application/grpc" : "application/x-protobuf";
        if (!isGrpc)
            return;
        await context.Response.Body.WriteAsync(new byte[5], context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private void Add(ExportTraces sent)
    {
        foreach (var resource in sent.ResourceSpans)
        {
            var instance = resource.Resource.Attributes.Single(attribute => attribute.Key == "service.instance.id").Value.StringValue;
            foreach (var span in resource.ScopeSpans.SelectMany(scope => scope.Spans))
                spans.Enqueue(CollectedSpan.From(span, instance));
        }
    }

    private void Add(ExportLogs sent)
    {
        foreach (var resource in sent.ResourceLogs)
        {
            var service = resource.Resource.Attributes.Single(attribute => attribute.Key == "service.name").Value.StringValue;
            foreach (var scope in resource.ScopeLogs)
            {
                foreach (var record in scope.LogRecords)
                    logs.Enqueue(new(service, scope.Scope.Name, record.Body?.StringValue ?? ""));
            }
        }
    }

    private void Add(ExportMetrics sent)
    {
        foreach (var metric in sent.ResourceMetrics.SelectMany(resource => resource.ScopeMetrics).SelectMany(scope => scope.Metrics))
            metrics[metric.Name] = metric.Unit;
    }
}

/// <summary>One log record of a silo.</summary>
internal sealed record CollectedLog(string Service, string Category, string Text);

/// <summary>One span, with the silo that exported it.</summary>
internal sealed record CollectedSpan(
    string Trace,
    string Id,
    string Parent,
    string Name,
    IReadOnlyDictionary<string, string> Tags,
    ulong Start,
    ulong End,
    bool HasFailed,
    string Silo
)
{
    public static CollectedSpan From(Span span, string silo) =>
        new(
            Hex(span.TraceId),
            Hex(span.SpanId),
            Hex(span.ParentSpanId),
            span.Name,
            span.Attributes.ToDictionary(tag => tag.Key, tag => Text(tag.Value)),
            span.Start,
            span.End,
            span.Status?.Code == 2,
            silo
        );

    private static string Hex(Google.Protobuf.ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string Text(AnyValue value) =>
        value.ValueCase switch
        {
            AnyValue.ValueOneofCase.StringValue => value.StringValue,
            AnyValue.ValueOneofCase.IntValue => $"{value.IntValue}",
            AnyValue.ValueOneofCase.BoolValue => value.BoolValue ? "true" : "false",
            _ => "",
        };
}
