using DeployCard.Bench.Common.Processes;
using DeployCard.Bench.Common.Reports;
using DeployCard.Bench.Common.Targets;
using DeployCard.Bench.Common.Tracing;
using DeployCard.Bench.Logs.Load;
using DeployCard.Bench.Logs.Targets;

namespace DeployCard.Bench.Logs.Measures;

/// <summary>Many who watch one log, beside a server that only sends: from the moment at which the pod writes a line to the moment at which it is here. This process, which receives all, shares the machine.</summary>
internal sealed class FanOutBenchmark : IBenchmark
{
    private const string Log = "watched";
    private const string Peer = "bare WebSockets";
    private const double MiB = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public async Task Run(BenchOptions options, Report report, CancellationToken cancellationToken)
    {
        await using var stage = await Stage.Raise(cancellationToken);
        var target = await stage.Deploy(Log, cancellationToken);
        await using var peer = await stage.RaisePeer(cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };
        var ours = new Watched(
            Target.DeployCard,
            stage.Silo.Origin,
            stage.Silo.Token,
            stage.Silo.ProcessId,
            path => stage.Ask(target, path, cancellationToken)
        );
        var bare = new Watched(
            Peer,
            peer.Origin,
            "",
            peer.Process.Id,
            path => http.GetStringAsync(new Uri(peer.Origin + path), cancellationToken)
        );
        var table = new Table(
            $"A line each {options.Pause.TotalMilliseconds:0} ms from the pod to all who watch it ({options.Ticks} lines)",
            "subscribers",
            "",
            "lines received",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "most",
            "the server's CPU for each, µs",
            "resident MiB before, with them"
        );
        foreach (var subscribers in new[] { 1, 100, options.Subscribers }.Distinct())
        {
            var ends = new List<double>();
            foreach (var server in new[] { bare, ours })
            {
                var before = await Footprint.Of(server.ProcessId, cancellationToken);
                var (delays, cost, with) = await Measure(server, subscribers, options, cancellationToken);
                table.Add(
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
                    report.Fail($"{subscribers} subscribers of {server.Name} got {delays.Count} lines of {subscribers * options.Ticks}.");
                ends.Add(At(0.99));

                double At(double share) => new Spread(delays).Percentile(share);
            }

            if (subscribers == options.Subscribers)
            {
                table.Note(Bar.AtMost($"p99 to {subscribers:N0} subscribers, ms", 50, "0.0").Judge(new([ends[1]])));
                table.Note($"Of the {Peer}'s p99: {ends[1] / ends[0]:0.0}");
            }
        }

        report.Add(table);
    }

    private static async Task<(IReadOnlyCollection<double> Delays, double Cost, Footprint With)> Measure(
        Watched server,
        int subscribers,
        BenchOptions options,
        CancellationToken cancellationToken
    )
    {
        Report.Progress($"fan-out to {subscribers} subscribers of {server.Name}");
        var (ticks, first) = (new TickReader(), 0);
        TickReader? measured = null;
        var sockets = new List<LogSocket>();
        try
        {
            for (var i = 0; i < Math.Min(subscribers, options.Sockets); i++)
                sockets.Add(await LogSocket.Connect(server.Origin, server.Token, Receive, cancellationToken));
            for (var i = 0; i < subscribers; i++)
                await sockets[i % sockets.Count].Subscribe($"{i}", Log, 1, cancellationToken);
            await Until(() => Volatile.Read(ref first) >= subscribers + sockets.Count);
            // Some to warm up.
            await server.Ask($"/ticks/20/{options.Pause.TotalMilliseconds:0}");
            await Until(() => ticks.Count >= subscribers * 20);
            var with = await Footprint.Of(server.ProcessId, cancellationToken);
            var processor = ProcessorTime.Of(server.ProcessId);
            measured = new();
            await server.Ask($"/ticks/{options.Ticks}/{options.Pause.TotalMilliseconds:0}");
            await Until(() => measured.Count >= subscribers * options.Ticks);
            var cost = ProcessorTime.Of(server.ProcessId) - processor;
            return (measured.Delays, cost, with);
        }
        finally
        {
            foreach (var socket in sockets)
                await socket.DisposeAsync();
        }

        // The connection is acknowledged, and each subscription first gets the newest line of the history.
        void Receive(ReadOnlyMemory<byte> message)
        {
            Interlocked.Increment(ref first);
            (measured ?? ticks).Read(message);
        }

        async Task Until(Func<bool> holds)
        {
            var began = TimeProvider.System.GetTimestamp();
            while (!holds() && TimeProvider.System.GetElapsedTime(began) < Patience)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }
}
