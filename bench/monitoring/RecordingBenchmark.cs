using System.Diagnostics;
using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;

namespace DeployCard.Bench.Monitoring;

/// <summary>Measures the time and allocations of counting a request and its bytes.</summary>
internal static class RecordingBenchmark
{
    private const int Requests = 2_000_000;

    /// <summary>Runs the measurement and prints a Markdown table.</summary>
    public static void Measure()
    {
        var traffic = new TrafficRegistry(TimeProvider.System).For(DeploymentName.Parse("iris"));
        Count(traffic, Requests);
        Console.WriteLine("| counting a request and its bytes | ns | bytes allocated |\n|---|---:|---:|");
        foreach (var threads in new[] { 1, 2 })
        {
            var (bytes, started) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Count(traffic, Requests));
            var took = Stopwatch.GetElapsedTime(started);
            Console.WriteLine(
                $"| {threads} {(threads == 1 ? "thread" : "threads")} | {took.TotalNanoseconds / Requests:0} "
                    + $"| {(double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / (threads * Requests):0.000} |"
            );
        }
    }

    private static void Count(DeploymentTraffic traffic, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            traffic.RecordBytes(1024, 1024);
            traffic.RecordRequest(RequestClass.Succeeded, TimeSpan.FromMicroseconds(500 + (i & 0xFFFF)));
        }
    }
}
