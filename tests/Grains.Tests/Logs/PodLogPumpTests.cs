using System.Diagnostics;
using DeployCard.Grains.Deployments;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes;
using DeployCard.Grains.Tests.Support;
using DeployCard.Tests.Support;

namespace DeployCard.Grains.Tests.Logs;

/// <summary>The way of lines from a pod to its log.</summary>
public sealed class PodLogPumpTests : SiloTest, IAsyncLifetime
{
    private const int PerSecond = 1000;
    private static readonly PodName Pod = new("iris-1-abcde");
    private static readonly DeploymentName Deployment = DeploymentName.Parse("iris");

    public PodLogPumpTests()
        : base(new TestSilos { Settings = { ["Logs:MaxLinesPerSecond"] = $"{PerSecond}" } }) { }

    private ILogGrain Log => Silos.Grains.GetGrain<ILogGrain>(Deployment.Value);

    public async ValueTask InitializeAsync() => await Silos.Start();

    public ValueTask DisposeAsync() => Silos.DisposeAsync();

    [Fact]
    public async Task All_lines_arrive_in_order_and_no_faster_than_is_allowed()
    {
        var started = Stopwatch.GetTimestamp();

        await Silos.Service<IPodLogPump>().Carry(Pod, Deployment, Lines(3 * PerSecond, "line"), Token);

        // One second's lines may come at once, and the last ones are not waited for.
        Stopwatch.GetElapsedTime(started).ShouldBeGreaterThan(TimeSpan.FromSeconds(1.7));
        (await Log.Read(new(Last: 10_000))).Select(line => line.Text).ShouldBe(Enumerable.Range(1, 3 * PerSecond).Select(n => $"line {n}"));
    }

    [Fact]
    public async Task Few_long_lines_come_at_once_so_that_who_watches_slowly_holds_little()
    {
        await using var tail = Log.Tail(new(), null, Token).GetAsyncEnumerator(Token);
        (await tail.MoveNextAsync()).ShouldBeTrue();
        var carrying = Silos.Service<IPodLogPump>().Carry(Pod, Deployment, Lines(20, new string('x', 16 * 1024)), Token);

        var (lines, most) = (0, 0);
        while (lines < 20 && await tail.MoveNextAsync())
        {
            lines += tail.Current.Lines.Count;
            most = Math.Max(most, tail.Current.Lines.Count);
        }

        await carrying;
        lines.ShouldBe(20);
        most.ShouldBeLessThanOrEqualTo(4);
    }

    private static IAsyncEnumerable<PodLogLine> Lines(int count, string text) =>
        Enumerable.Range(1, count).Select(n => new PodLogLine(DateTimeOffset.UnixEpoch, LogStream.Stdout, $"{text} {n}")).ToAsyncEnumerable();
}
