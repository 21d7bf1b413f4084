using System.Globalization;
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
    public async Task A_file_that_the_node_puts_away_costs_no_line_though_the_connection_is_left_with_it()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "first");
        await silo.Log.Until(pod, "first");

        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "second");
        await silo.Log.Until(pod, "first", "second");
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "third");
        await silo.Log.Until(pod, "first", "second", "third");
        silo.Log.All(pod).ShouldBe(["first", "second", "third"]);
    }

    [Fact]
    public async Task A_line_that_the_node_cuts_in_two_where_it_puts_a_file_away_is_whole()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "first");
        await silo.Log.Until(pod, "first");

        server.Logs.Write(pod.Name.Value, "second", hasEnd: false);
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "");
        server.Logs.Write(pod.Name.Value, "");
        server.Logs.Write(pod.Name.Value, "fourth");
        await silo.Log.Until(pod, "first", "second", "", "fourth");
        silo.Log.All(pod).ShouldBe(["first", "second", "", "fourth"]);
    }

    [Fact]
    public async Task That_files_may_have_been_put_away_while_nobody_was_connected_is_told()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "first");
        await silo.Log.Until(pod, "first");

        server.GoAway();
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "lost");
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "third");
        server.ComeBack();
        await silo.Log.Until(pod, "first", "third");
        silo.Log.All(pod).ShouldBe(["first", "!", "third"]);
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
        await KubernetesHost.Until(() => watch.Last!.All(seen => seen.Phase is PodPhase.Ended), "its end is seen");
    }

    [Fact]
    public async Task Of_runs_that_crash_each_line_is_there_once_in_order_also_while_the_next_one_is_put_off()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "zero");
        server.Node.Crash(pod.Name.Value, 1);
        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "one");
        await silo.Log.Until(pod, "zero", "one");

        server.Node.Crash(pod.Name.Value, 1);
        server.Node.BackOff(pod.Name.Value, "10s");
        await watch.Until(pod, seen => seen.Reason is PodReasons.CrashLoopBackOff);
        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "two");
        await silo.Log.Until(pod, "zero", "one", "two");
        silo.Log.All(pod).ShouldBe(["zero", "one", "two"]);
    }

    [Fact]
    public async Task What_a_run_wrote_last_comes_before_the_next_run_though_the_connection_broke_and_the_restart_is_not_known_yet()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        await silo.Log.Until(pod, "loading");

        server.Cut();
        server.Logs.Write(pod.Name.Value, "ValueError: no model");
        server.Logs.End(pod.Name.Value);
        server.Logs.Begin(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "loading again");
        await silo.Log.Until(pod, "loading", "ValueError: no model", "loading again");

        server.Node.TellRestart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.Until(pod, "loading", "ValueError: no model", "loading again", "serving");
        silo.Log.All(pod).Count.ShouldBe(4);
    }

    [Fact]
    public async Task What_a_run_wrote_last_comes_though_the_next_run_is_silent()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        await silo.Log.Until(pod, "loading");

        server.Cut();
        server.Logs.Write(pod.Name.Value, "ValueError: no model");
        server.Node.Crash(pod.Name.Value, 1);
        server.Node.Restart(pod.Name.Value);

        await silo.Log.Until(pod, "loading", "ValueError: no model");
    }

    [Fact]
    public async Task A_run_before_that_cannot_be_read_now_is_asked_for_again_and_the_present_one_waits_for_it()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        await silo.Log.Until(pod, "loading");

        server.FailPreviousLogs(2);
        server.Cut();
        server.Logs.Write(pod.Name.Value, "ValueError: no model");
        server.Node.Crash(pod.Name.Value, 1);
        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "loading again");

        await silo.Log.Until(pod, "loading", "ValueError: no model", "loading again");
    }

    [Fact]
    public async Task A_run_in_between_that_nobody_can_read_any_more_is_told_where_it_is_missing()
    {
        PodSpec pod;
        await using (silo.Watch())
        {
            pod = await Running();
            server.Logs.Write(pod.Name.Value, "zero");
            await silo.Log.Until(pod, "zero");
        }

        foreach (var text in new[] { "one", "two", "three" })
        {
            server.Node.Crash(pod.Name.Value, 1);
            server.Node.Restart(pod.Name.Value);
            server.Logs.Write(pod.Name.Value, text);
        }

        await using var watch = silo.Watch();
        await silo.Log.Until(pod, "zero", "two", "three");
        silo.Log.All(pod).ShouldBe(["zero", "!", "two", "three"]);
    }

    [Theory]
    [InlineData(1, new[] { "0", "1" })]
    [InlineData(2, new[] { "!", "1", "2" })]
    public async Task Who_comes_first_after_crashes_has_what_the_platform_still_keeps(int crashes, string[] expected)
    {
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "0");
        for (var run = 1; run <= crashes; run++)
        {
            server.Node.Crash(pod.Name.Value, 1);
            server.Node.Restart(pod.Name.Value);
            server.Logs.Write(pod.Name.Value, $"{run}");
        }

        await using var watch = silo.Watch();
        await KubernetesHost.Until(() => silo.Log.All(pod).Count == expected.Length, string.Join('|', silo.Log.All(pod)));
        silo.Log.All(pod).ShouldBe(expected);
    }

    [Fact]
    public async Task A_last_line_without_its_end_is_carried_once_its_run_has_ended()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        server.Logs.Write(pod.Name.Value, "no mod", hasEnd: false);
        server.Node.Crash(pod.Name.Value, 1);
        await silo.Log.Until(pod, "loading", "no mod");

        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "again");
        await silo.Log.Until(pod, "loading", "no mod", "again");
    }

    [Fact]
    public async Task Parts_of_a_line_that_overwrite_each_other_are_lines_and_come_once()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "10 %\r50 %\r100 %");
        await silo.Log.Until(pod, "10 %", "50 %", "100 %");

        server.Cut();
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.Until(pod, "10 %", "50 %", "100 %", "serving");
    }

    [Fact]
    public async Task A_missing_right_to_read_logs_is_told_once_and_once_it_is_there_all_is_read()
    {
        server.AllowsLogs = false;
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "serving");
        await KubernetesHost.Until(() => silo.Said.Count("needs the right to get pods/log") == 1, "it is told");

        server.AllowsLogs = true;
        await silo.Log.Until(pod, "serving");
        silo.Said.Count("needs the right to get pods/log").ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_outlives_its_pod_is_given_up()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.Until(pod, "serving");

        server.Pods.Remove(pod.Name.Value);
        await watch.Until(pod, PodPhase.Ended);
        await KubernetesHost.Until(() => server.OpenLogs == 0, "nobody reads");
    }

    /// <summary>Whatever comes together: connections that break, crashes, and news of them that are late.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Nothing_is_lost_or_twice_in_any_order_of_crashes_and_cuts(int seed)
    {
        var random = new Random(seed);
        await using var watch = silo.Watch();
        var pod = await Running();
        var (name, written, restarts) = (pod.Name.Value, new List<string>(), 0);
        for (var step = 0; step < 60; step++)
        {
            switch (random.Next(6))
            {
                case 0:
                    server.Cut();
                    break;
                case 1 when written.Count > 0:
                    // The platform keeps one run: before there are two more, this one must have been read.
                    await silo.Log.Until(pod, [.. written]);
                    server.Logs.End(name);
                    if (random.Next(2) == 0)
                        server.Cut();
                    server.Logs.Begin(name);
                    restarts++;
                    break;
                case 2 when restarts > 0:
                    restarts--;
                    server.Node.TellRestart(name);
                    break;
                default:
                    written.Add($"{step}");
                    server.Logs.Write(name, $"{step}");
                    break;
            }
        }

        await silo.Log.Until(pod, [.. written]);
    }

    [Theory]
    [InlineData("2026-11-25T12:00:00.123456789Z text with spaces", "text with spaces", 1234568)]
    [InlineData("2026-11-25T12:00:00.5Z ", "", 5000000)]
    [InlineData("2026-11-25T13:00:00.000000000+01:00 of a node that is ahead", "of a node that is ahead", 0)]
    [InlineData("2026-11-25T12:00:00Z", "", 0)]
    public void The_time_before_a_line_is_read_as_far_as_it_can_be_kept(string line, string text, long ticks)
    {
        var (at, rest) = StampedLine.Parse(line);

        rest.ShouldBe(text);
        at.ShouldBe(DateTimeOffset.Parse("2026-11-25T12:00:00Z", CultureInfo.InvariantCulture).AddTicks(ticks));
    }

    [Fact]
    public void A_line_without_a_time_is_kept_as_it_is() =>
        StampedLine.Parse("unable to retrieve container logs").ShouldBe(new(null, "unable to retrieve container logs"));

    [Fact]
    public void Lines_of_a_clock_that_was_set_back_are_new_where_the_reader_has_caught_up()
    {
        var at = DateTimeOffset.UnixEpoch.AddDays(1);
        var cursor = new LogCursor([at]);
        cursor.Begin();

        cursor.Take(at).ShouldBeFalse();
        cursor.HasMet.ShouldBeTrue();
        cursor.Take(at.AddSeconds(1)).ShouldBeTrue();
        cursor.Take(at.AddSeconds(-9)).ShouldBeTrue();
    }

    [Fact]
    public void Lines_of_two_streams_whose_times_are_out_of_order_are_known_one_by_one()
    {
        var at = DateTimeOffset.UnixEpoch.AddDays(1);
        var cursor = new LogCursor([]);
        cursor.Begin();
        foreach (var ticks in new[] { 0, 5, 3 })
            cursor.Take(at.AddTicks(ticks)).ShouldBeTrue();

        cursor.Begin();
        cursor.Since.ShouldBe(at.AddTicks(5).AddSeconds(-1));
        new[] { 0, 5, 3, 4, 6, 2 }.Select(ticks => cursor.Take(at.AddTicks(ticks))).ShouldBe([false, false, false, true, true, true]);
    }

    private async Task<PodSpec> Running()
    {
        var pod = await silo.Started();
        server.Node.RunReady(pod.Name.Value);
        return pod;
    }
}
