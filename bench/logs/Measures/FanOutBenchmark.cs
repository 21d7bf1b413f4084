using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Load;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>
/// Measures the time from the moment the pod writes a line until each of many subscribers has received it, compared with a server that only
/// sends. All subscribers are in this process, which shares the machine with the server.
/// </summary>
internal sealed class FanOutBenchmark : IBenchmark
{
    private const string Log = "watched";
    private const string Peer = "bare WebSockets";
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var testbed = await Testbed.Create(cancellationToken);
        var target = await testbed.Deploy(Log, cancellationToken);
        await using var peer = await testbed.StartPeer(cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        var ours = new WatchedServer(
            Target.DeployCard,
            testbed.Silo.Origin,
            testbed.Silo.Token,
            testbed.Silo.ProcessId,
            path => testbed.SendToPod(target, path, cancellationToken)
        );
        var bare = new WatchedServer(
            Peer,
            peer.Origin,
            "",
            peer.Process.Id,
            path => http.GetStringAsync(new Uri(peer.Origin + path), cancellationToken)
        );
        var table = new Table(
            $"A line every {options.TickInterval.TotalMilliseconds:0} ms from the pod to all subscribers ({options.Ticks} lines)",
            "subscribers",
            "",
            "lines received",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "max ms",
            "server CPU per received line, µs",
            "resident MiB without, with subscribers"
        );
        foreach (var subscribers in new[] { 1, 100, options.Subscribers }.Distinct())
        {
            var p99s = new List<double>();
            foreach (var server in new[] { bare, ours })
            {
                var before = await Footprint.Measure(server.ProcessId, cancellationToken);
                var (delays, cost, with) = await Measure(server, subscribers, options, cancellationToken);
                table.AddRow(
                    $"{subscribers:N0}",
                    server.Name,
                    $"{delays.Count:N0}",
                    $"{At(0.5):0.0}",
                    $"{At(0.9):0.0}",
                    $"{At(0.99):0.0}",
                    $"{At(1):0.0}",
                    $"{cost * 1e6 / delays.Count:0}",
                    $"{before.Resident / MiB:0}, {with.Resident / MiB:0}"
                );
                if (delays.Count != subscribers * options.Ticks)
                    report.RecordFailure(
                        $"fanout: expected {subscribers * options.Ticks} lines for {subscribers} subscribers of {server.Name}, "
                            + $"got {delays.Count}"
                    );
                p99s.Add(At(0.99));

                double At(double share) => new Spread(delays).Percentile(share);
            }

            if (subscribers == options.Subscribers)
            {
                table.AddNote(TargetValue.AtMost($"p99 to {subscribers:N0} subscribers, ms", 50, "0.0").Evaluate(new([p99s[1]])));
                table.AddNote($"p99 relative to {Peer}: {p99s[1] / p99s[0]:0.0}");
            }
        }

        report.WriteTable(table);
    }

    private static async Task<(IReadOnlyCollection<double> Delays, double Cost, Footprint With)> Measure(
        WatchedServer server,
        int subscribers,
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        Report.WriteProgress($"fan-out to {subscribers} subscribers of {server.Name}");
        var (ticks, first) = (new TickReader(), 0);
        TickReader? measured = null;
        var sockets = new List<LogSocket>();
        try
        {
            for (var i = 0; i < Math.Min(subscribers, options.Sockets); i++)
                sockets.Add(await LogSocket.Connect(server.Origin, server.Token, Receive, cancellationToken));
            for (var i = 0; i < subscribers; i++)
                await sockets[i % sockets.Count].Subscribe($"{i}", Log, 1, cancellationToken);
            await WaitUntil(() => Volatile.Read(ref first) >= subscribers + sockets.Count);
            // Warm up with 20 lines.
            await server.SendToWriter($"/ticks/20/{options.TickInterval.TotalMilliseconds:0}");
            await WaitUntil(() => ticks.Count >= subscribers * 20);
            var with = await Footprint.Measure(server.ProcessId, cancellationToken);
            var processor = ProcessorTime.GetSeconds(server.ProcessId);
            measured = new();
            await server.SendToWriter($"/ticks/{options.Ticks}/{options.TickInterval.TotalMilliseconds:0}");
            await WaitUntil(() => measured.Count >= subscribers * options.Ticks);
            var cost = ProcessorTime.GetSeconds(server.ProcessId) - processor;
            return (measured.Delays, cost, with);
        }
        finally
        {
            foreach (var socket in sockets)
                await socket.DisposeAsync();
        }

        // The first messages are the acknowledgment of each connection and the newest line of the log for each subscription.
        void Receive(ReadOnlyMemory<byte> message)
        {
            Interlocked.Increment(ref first);
            (measured ?? ticks).Read(message);
        }

        async Task WaitUntil(Func<bool> condition)
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!condition() && TimeProvider.System.GetElapsedTime(began) < WaitTimeout)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
