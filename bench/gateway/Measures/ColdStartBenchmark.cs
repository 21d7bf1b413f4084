using System.Diagnostics;
using System.Net;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>
/// Compares the first request at zero pods with the start-up of the pod alone, and sends 1,000 concurrent first requests.
/// </summary>
internal sealed class ColdStartBenchmark : IBenchmark
{
    private const int ConcurrentRequests = 1000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(1);

    public async Task Run(Testbed testbed, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.WriteProgress("cold start");
        // Warm up: load the pod's files from the disk into the page cache and let the silo JIT-compile its code.
        await StartAlone(cancellationToken);
        await FirstRequest(testbed.Silo, "cold-warm-up", report, cancellationToken);
        var (alone, first, podTimes) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < options.Tries; i++)
        {
            alone.Add(await StartAlone(cancellationToken));
            var (request, pod) = await FirstRequest(testbed.Silo, $"cold-{i}", report, cancellationToken);
            first.Add(request);
            podTimes.Add(pod);
            Report.WriteProgress(
                $"  try {i + 1}  pod alone {alone[^1]:0} ms, first request {request:0} ms, of which the pod took {pod:0} ms"
            );
        }

        var table = new Table($"First request at zero pods, in ms ({options.Tries} tries)", "", "ms");
        table.AddRow("pod start-up alone", new Spread(alone).ToString("0"));
        table.AddRow("first request", new Spread(first).ToString("0"));
        table.AddRow("of which pod creation to ready, as seen by the silo", new Spread(podTimes).ToString("0"));
        var difference = new Spread(first.Zip(alone, (f, a) => f - a));
        table.AddRow("first request minus pod start-up", difference.ToString("0"));
        table.AddNote(TargetValue.AtMost("first request minus pod start-up, ms", 50, "0").Evaluate(difference));
        table.AddNote(await SendConcurrently(testbed.Silo, report, cancellationToken));
        report.WriteTable(table);
    }

    /// <summary>Returns the time from the start of the pod process until its readiness path responds with 2xx, in ms.</summary>
    private static async Task<double> StartAlone(CancellationToken cancellationToken)
    {
        var port = Ports.FindFree();
        var start = new ProcessStartInfo("dotnet", [BuildOutput.Pod]) { Environment = { ["PORT"] = $"{port}" } };
        var began = TimeProvider.System.GetTimestamp();
        await using var pod = await ServerProcess.Start(start, new($"http://127.0.0.1:{port}/healthz"), PollInterval, cancellationToken);
        return TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task<(double Request, double Pod)> FirstRequest(
        SiloServer silo,
        string name,
        Report report,
        CancellationToken cancellationToken
    )
    {
        using var http = await CreateClient(silo, name, connections: 1, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var status = await Predict(http, silo, name, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
        if (status != HttpStatusCode.OK)
            report.RecordFailure($"cold start, {name}: {(int)status}");
        var pod = (await silo.Card.GetPods(name, cancellationToken)).Single();
        await silo.Card.Delete(name, cancellationToken);
        return (took, (pod.ReadyAt - pod.CreatedAt)?.TotalMilliseconds ?? double.NaN);
    }

    private static async Task<string> SendConcurrently(SiloServer silo, Report report, CancellationToken cancellationToken)
    {
        const string Name = "cold-crowd";
        using var http = await CreateClient(silo, Name, ConcurrentRequests, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, ConcurrentRequests).Select(_ => Predict(http, silo, Name, cancellationToken)));
        var took = TimeProvider.System.GetElapsedTime(began);
        var pods = await silo.Card.GetPods(Name, cancellationToken);
        await silo.Card.Delete(Name, cancellationToken);
        var succeeded = all.Count(status => status == HttpStatusCode.OK);
        var summary =
            $"{ConcurrentRequests} concurrent first requests: {succeeded} succeeded within {took.TotalSeconds:0.00} s, "
            + $"pods started: {pods.Count}";
        if (succeeded != ConcurrentRequests || pods.Count != 1)
            report.RecordFailure(
                $"cold start, {summary}; {string.Join(", ", all.CountBy(s => (int)s).Select(s => $"{s.Value} × {s.Key}"))}"
            );
        return summary;
    }

    /// <summary>Creates a deployment without a pod and a client for it.</summary>
    private static async Task<HttpClient> CreateClient(SiloServer silo, string name, int connections, CancellationToken cancellationToken)
    {
        var key = await silo.Card.Deploy(name, "0-1", cancellationToken);
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = connections });
        http.DefaultRequestHeaders.Add(Target.KeyHeader, key);
        // Open a connection now, so that connecting is not part of the measurement.
        (await http.GetAsync(new Uri($"{silo.Origin}/health/ready"), cancellationToken)).Dispose();
        return http;
    }

    private static async Task<HttpStatusCode> Predict(HttpClient http, SiloServer silo, string name, CancellationToken cancellationToken)
    {
        using var body = new ByteArrayContent(new byte[1024]);
        using var response = await http.PostAsync(new Uri(silo.GetPredictOrigin(name) + Scenario.Prediction), body, cancellationToken);
        await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.StatusCode;
    }
}
