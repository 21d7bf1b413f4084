using System.Diagnostics;
using System.Net;
using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Gateway.Targets;

namespace DeployCard.Bench.Gateway.Measures;

/// <summary>The first request at zero pods against the pod's own start; and a thousand first requests at once.</summary>
internal sealed class ColdStartBenchmark : IBenchmark
{
    private const int Crowd = 1000;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(1);

    public async Task Run(Stage stage, BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        Report.Progress("cold start");
        // Both once for nothing: the pod's files come from the disk, and the silo compiles what it needs.
        await StartAlone(cancellationToken);
        await FirstRequest(stage.Silo, "cold-warm-up", report, cancellationToken);
        var (alone, first, inSilo) = (new List<double>(), new List<double>(), new List<double>());
        for (var i = 0; i < options.Tries; i++)
        {
            alone.Add(await StartAlone(cancellationToken));
            var (request, pod) = await FirstRequest(stage.Silo, $"cold-{i}", report, cancellationToken);
            first.Add(request);
            inSilo.Add(pod);
            Report.Progress($"  try {i + 1}  pod alone {alone[^1]:0} ms, first request {request:0} ms, of which its pod took {pod:0} ms");
        }

        var table = new Table($"First request at zero pods, in ms ({options.Tries} tries)", "", "ms");
        table.Add("the pod's own start", new Spread(alone).ToString("0"));
        table.Add("first request", new Spread(first).ToString("0"));
        table.Add("of it, from the pod's creation until the silo saw it ready", new Spread(inSilo).ToString("0"));
        var beyond = new Spread(first.Zip(alone, (f, a) => f - a));
        table.Add("beyond the pod's own start", beyond.ToString("0"));
        table.Note(Bar.AtMost("ms beyond the pod's own start", 50, "0").Judge(beyond));
        table.Note(await AllAtOnce(stage.Silo, report, cancellationToken));
        report.Add(table);
    }

    /// <summary>From the start of the process until its readiness path answers.</summary>
    private static async Task<double> StartAlone(CancellationToken cancellationToken)
    {
        var port = Ports.Free();
        var start = new ProcessStartInfo("dotnet", [Built.Pod]) { Environment = { ["PORT"] = $"{port}" } };
        var began = TimeProvider.System.GetTimestamp();
        await using var pod = await ServerProcess.Start(start, new($"http://127.0.0.1:{port}/healthz"), Look, cancellationToken);
        return TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task<(double Request, double Pod)> FirstRequest(
        SiloServer silo,
        string name,
        Report report,
        CancellationToken cancellationToken
    )
    {
        using var http = await Client(silo, name, connections: 1, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var status = await Predict(http, silo, name, cancellationToken);
        var took = TimeProvider.System.GetElapsedTime(began).TotalMilliseconds;
        if (status != HttpStatusCode.OK)
            report.Fail($"cold start, {name}: {(int)status}");
        var pod = (await silo.Card.Pods(name, cancellationToken)).Single();
        await silo.Card.Delete(name, cancellationToken);
        return (took, (pod.ReadyAt - pod.CreatedAt)?.TotalMilliseconds ?? double.NaN);
    }

    private static async Task<string> AllAtOnce(SiloServer silo, Report report, CancellationToken cancellationToken)
    {
        const string Name = "cold-crowd";
        using var http = await Client(silo, Name, Crowd, cancellationToken);
        var began = TimeProvider.System.GetTimestamp();
        var all = await Task.WhenAll(Enumerable.Range(0, Crowd).Select(_ => Predict(http, silo, Name, cancellationToken)));
        var took = TimeProvider.System.GetElapsedTime(began);
        var pods = await silo.Card.Pods(Name, cancellationToken);
        await silo.Card.Delete(Name, cancellationToken);
        var succeeded = all.Count(status => status == HttpStatusCode.OK);
        var told = $"{Crowd} first requests at once: {succeeded} succeeded within {took.TotalSeconds:0.00} s, pods started: {pods.Count}";
        if (succeeded != Crowd || pods.Count != 1)
            report.Fail($"cold start, {told}; {string.Join(", ", all.CountBy(s => (int)s).Select(s => $"{s.Value} × {s.Key}"))}");
        return told;
    }

    /// <summary>A client of a new deployment with no pod.</summary>
    private static async Task<HttpClient> Client(SiloServer silo, string name, int connections, CancellationToken cancellationToken)
    {
        var key = await silo.Card.Deploy(name, "0-1", cancellationToken);
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = connections });
        http.DefaultRequestHeaders.Add(Target.KeyHeader, key);
        // One connection is there already, so that its opening is not measured.
        (await http.GetAsync(new Uri($"{silo.Origin}/health/ready"), cancellationToken)).Dispose();
        return http;
    }

    private static async Task<HttpStatusCode> Predict(HttpClient http, SiloServer silo, string name, CancellationToken cancellationToken)
    {
        using var body = new ByteArrayContent(new byte[1024]);
        using var response = await http.PostAsync(new Uri(silo.PredictOrigin(name) + Scenario.Prediction), body, cancellationToken);
        await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.StatusCode;
    }
}
