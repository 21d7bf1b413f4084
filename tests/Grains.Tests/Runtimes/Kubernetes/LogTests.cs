using System.Globalization;
using DeployCard.Grains.Logs;
using DeployCard.Grains.Pods;
using DeployCard.Grains.Runtimes.Kubernetes.Output;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>What pods write reaches the log: all of it, once, in order.</summary>
public sealed class LogTests : IAsyncLifetime
{
    private ApiServerDouble server = null!;
    private KubernetesHost silo = null!;

    public async ValueTask InitializeAsync()
    {
        server = await ApiServerDouble.Start();
        silo = await KubernetesHost.Start(server.KubeConfig);
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Lines_come_as_they_are_written_with_the_time_at_which_they_were()
    {
        await using var watch = silo.Watch();
        var pod = await Running();

        server.Logs.Write(pod.Name.Value, "one");
        await silo.Log.Until(pod, "one");
        server.Logs.Write(pod.Name.Value, "two words");
        server.Logs.Write(pod.Name.Value, "");
        await silo.Log.Until(pod, "one", "two words", "");
    }

    [Fact]
    public async Task A_connection_that_is_cut_loses_nothing_and_repeats_nothing()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        var at = TimeProvider.System.GetUtcNow();
        // Of one time, and of one second: nothing else tells them apart.
        foreach (var text in new[] { "a", "b", "b" })
            server.Logs.Write(pod.Name.Value, text, at);
        await silo.Log.Until(pod, "a", "b", "b");

        server.Cut();
        server.Logs.Write(pod.Name.Value, "b", at);
        server.Logs.Write(pod.Name.Value, "c", at.AddTicks(1));
        await silo.Log.Until(pod, "a", "b", "b", "b", "c");
        server.Cut();
        server.Logs.Write(pod.Name.Value, "d", at.AddTicks(2));
        await silo.Log.Until(pod, "a", "b", "b", "b", "c", "d");
    }

    [Fact]
    public async Task Where_the_deployment_moves_to_another_silo_that_goes_on_where_the_first_one_ended()
    {
        await using var other = await KubernetesHost.Start(server.KubeConfig, log: silo.Log);
        PodSpec pod;
        await using (silo.Watch())
        {
            pod = await Running();
            server.Logs.Write(pod.Name.Value, "first");
            await silo.Log.Until(pod, "first");
        }

        server.Logs.Write(pod.Name.Value, "nobody reads");
        await using var watch = other.Watch();
        server.Logs.Write(pod.Name.Value, "second");
        await silo.Log.Until(pod, "first", "nobody reads", "second");
    }

    [Fact]
    public async Task A_stop_returns_after_the_last_line_and_then_nobody_asks_any_more()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.Until(pod, "serving");

        var stopping = silo.Stop(pod);
        await watch.Until(pod, PodPhase.Draining);
        server.Logs.Write(pod.Name.Value, "bye");
        server.Node.Finish(pod.Name.Value);
        await stopping;

        silo.Log.Of(pod).ShouldBe(["serving", "bye"]);
        await KubernetesHost.Until(() => watch.Last!.All(seen => seen.Phase is PodPhase.Gone), "its end is seen");
    }

    [Theory]
    [InlineData("2026-11-25T12:00:00.123456789Z text with spaces", "text with spaces", 1234568)]
    [InlineData("2026-11-25T12:00:00.5Z ", "", 5000000)]
    [InlineData("2026-11-25T12:00:00Z", "", 0)]
    public void The_time_before_a_line_is_read_as_far_as_it_can_be_kept(string line, string text, long ticks)
    {
        var (at, rest) = LogCursor.Split(line);

        rest.ShouldBe(text);
        at.ShouldBe(DateTimeOffset.Parse("2026-11-25T12:00:00Z", CultureInfo.InvariantCulture).AddTicks(ticks));
    }

    [Fact]
    public void A_line_without_a_time_is_kept_as_it_is() => LogCursor.Split("unable to retrieve container logs").ShouldBe((null, "unable to retrieve container logs"));

    [Fact]
    public void Lines_of_a_clock_that_was_set_back_are_new_where_the_reader_has_caught_up()
    {
        var at = DateTimeOffset.UnixEpoch.AddDays(1);
        var cursor = new LogCursor(new PodLogMark(at, 1));
        cursor.Begin();

        cursor.Take(at).ShouldBeFalse();
        cursor.Take(at.AddSeconds(1)).ShouldBeTrue();
        cursor.Take(at.AddSeconds(-9)).ShouldBeTrue();
    }

    private async Task<PodSpec> Running()
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        return pod;
    }
}
