using System.Diagnostics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Monitoring;

namespace DeployCard.Bench.Monitoring;

/// <summary>What counting costs on the way of a prediction.</summary>
internal static class Recording
{
    private const int Requests = 2_000_000;

    public static void Measure()
    {
        var traffic = new TrafficBook(TimeProvider.System).Of(DeploymentName.Parse("iris"));
        Count(traffic, Requests);
        Console.WriteLine("| counting a request and its bytes | ns | bytes allocated |\n|---|---:|---:|");
        foreach (var threads in new[] { 1, 2 })
        {
            var (bytes, started) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Count(traffic, Requests));
            var took = Stopwatch.GetElapsedTime(started);
            Console.WriteLine(
                $"| {threads} at once | {took.TotalNanoseconds / Requests:0} | {(double)(GC.GetTotalAllocatedBytes(precise: true) - bytes) / (threads * Requests):0.000} |"
            );
        }
    }

    private static void Count(DeploymentTraffic traffic, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            traffic.Moved(1024, 1024);
            traffic.Ended(RequestClass.Succeeded, TimeSpan.FromMicroseconds(500 + (i & 0xFFFF)));
        }
    }
}
