using System.Diagnostics;
using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>Forwarding of lines from a pod to its log.</summary>
public sealed class PodLogForwarderTests() : OwnSilosTest(new TestSilos { Settings = { ["Logs:MaxLinesPerSecond"] = $"{PerSecond}" } })
{
    private const int PerSecond = 1000;
    private static readonly PodName Pod = new("iris-1-abcde");
    private static readonly DeploymentName Deployment = DeploymentName.Parse("iris");

    private ILogGrain Log => Silos.Grains.GetGrain<ILogGrain>(Deployment.Value);

    [Fact]
    public async Task All_lines_arrive_in_order_and_within_the_rate_limit()
    {
        var started = Stopwatch.GetTimestamp();

        await Silos.Service<IPodLogForwarder>().Forward(Pod, Deployment, Lines(3 * PerSecond, "line"), Token);

        // The first second of lines is a burst, and there is no delay after the last batch.
        Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.7));
        (await Log.Read(new(Last: 10_000))).Select(line => line.Text).ShouldBe(Enumerable.Range(1, 3 * PerSecond).Select(n => $"line {n}"));
    }

    [Fact]
    public async Task Batch_holds_few_long_lines_so_that_slow_readers_buffer_little()
    {
        await using var tail = Log.Tail(new(), null, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        var carrying = Silos.Service<IPodLogForwarder>().Forward(Pod, Deployment, Lines(20, new string('x', 16 * 1024)), Token);

        var (lines, maxLines) = (0, 0);
        while (lines < 20 && await tail.MoveNextAsync())
        {
            lines += tail.Current.Lines.Count;
            maxLines = Math.Max(maxLines, tail.Current.Lines.Count);
        }

        await carrying;
        lines.ShouldBe(20);
        maxLines.ShouldBeLessThanOrEqualTo(4);
    }

    private static IAsyncEnumerable<PodLogLine> Lines(int count, string text) =>
        Enumerable
            .Range(1, count)
            .Select(n => new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, $"{text} {n}"))
            .ToAsyncEnumerable();
}
