using System.Globalization;
using DeployCard.Contracts.Pods;
using DeployCard.Kubernetes.Output;
using DeployCard.Tests.Support.Kubernetes;

namespace DeployCard.Grains.Tests.Runtimes.Kubernetes;

/// <summary>Forwarding of pod output to the log: complete, without repetitions, in order.</summary>
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
    public async Task Lines_are_forwarded_as_they_are_written()
    {
        await using var watch = silo.Watch();
        var pod = await Running();

        server.Logs.Write(pod.Name.Value, "one");
        await silo.Log.WaitUntil(pod, "one");
        server.Logs.Write(pod.Name.Value, "two words");
        server.Logs.Write(pod.Name.Value, "");
        await silo.Log.WaitUntil(pod, "one", "two words", "");
    }

    [Fact]
    public async Task Interrupted_connection_loses_and_repeats_no_line()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        var at = TimeProvider.System.GetUtcNow();
        // With the same timestamp, only their order distinguishes these lines.
        foreach (var text in new[] { "a", "b", "b" })
            server.Logs.Write(pod.Name.Value, text, at);
        await silo.Log.WaitUntil(pod, "a", "b", "b");

        server.AbortStreams();
        server.Logs.Write(pod.Name.Value, "b", at);
        server.Logs.Write(pod.Name.Value, "c", at.AddTicks(1));
        await silo.Log.WaitUntil(pod, "a", "b", "b", "b", "c");
        server.AbortStreams();
        server.Logs.Write(pod.Name.Value, "d", at.AddTicks(2));
        await silo.Log.WaitUntil(pod, "a", "b", "b", "b", "c", "d");
    }

    [Fact]
    public async Task Log_rotation_loses_no_line_although_the_connection_stays_on_the_old_file()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "first");
        await silo.Log.WaitUntil(pod, "first");

        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "second");
        await silo.Log.WaitUntil(pod, "first", "second");
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "third");
        await silo.Log.WaitUntil(pod, "first", "second", "third");
        silo.Log.AllLines(pod).ShouldBe(["first", "second", "third"]);
    }

    [Fact]
    public async Task Line_that_log_rotation_splits_is_joined()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "first");
        await silo.Log.WaitUntil(pod, "first");

        server.Logs.Write(pod.Name.Value, "second", hasEnd: false);
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "");
        server.Logs.Write(pod.Name.Value, "");
        server.Logs.Write(pod.Name.Value, "fourth");
        await silo.Log.WaitUntil(pod, "first", "second", "", "fourth");
        silo.Log.AllLines(pod).ShouldBe(["first", "second", "", "fourth"]);
    }

    [Fact]
    public async Task Possible_log_rotation_without_a_connection_is_noted_in_the_log()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "first");
        await silo.Log.WaitUntil(pod, "first");

        server.BeginOutage();
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "lost");
        server.Logs.Rotate(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "third");
        server.EndOutage();
        await silo.Log.WaitUntil(pod, "first", "third");
        silo.Log.AllLines(pod).ShouldBe(["first", "!", "third"]);
    }

    [Fact]
    public async Task Another_silo_resumes_the_log_after_the_last_line()
    {
        await using var other = await KubernetesHost.Start(server.KubeConfig, log: silo.Log);
        PodSpec pod;
        await using (silo.Watch())
        {
            pod = await Running();
            server.Logs.Write(pod.Name.Value, "first");
            await silo.Log.WaitUntil(pod, "first");
        }

        server.Logs.Write(pod.Name.Value, "unread");
        await using var watch = other.Watch();
        server.Logs.Write(pod.Name.Value, "second");
        await silo.Log.WaitUntil(pod, "first", "unread", "second");
    }

    [Fact]
    public async Task Stop_returns_after_the_last_line_is_in_the_log()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.WaitUntil(pod, "serving");

        var stopping = silo.StopPod(pod);
        await watch.WaitUntil(pod, PodPhase.Draining);
        server.Logs.Write(pod.Name.Value, "bye");
        server.Node.FinishDeletion(pod.Name.Value);
        await stopping;

        silo.Log.Lines(pod).ShouldBe(["serving", "bye"]);
        await KubernetesHost.WaitUntil(() => watch.Last!.All(seen => seen.Phase is PodPhase.Ended), "the watch reports the end of the pod");
    }

    [Fact]
    public async Task Lines_of_crashing_runs_are_logged_once_and_in_order_also_during_backoff()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "zero");
        server.Node.Crash(pod.Name.Value, 1);
        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "one");
        await silo.Log.WaitUntil(pod, "zero", "one");

        server.Node.Crash(pod.Name.Value, 1);
        server.Node.BackOff(pod.Name.Value, "10s");
        await watch.WaitUntil(pod, seen => seen.Reason is PodReasons.CrashLoopBackOff);
        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "two");
        await silo.Log.WaitUntil(pod, "zero", "one", "two");
        silo.Log.AllLines(pod).ShouldBe(["zero", "one", "two"]);
    }

    [Fact]
    public async Task Last_lines_of_a_run_precede_the_next_run_although_the_connection_broke_before_the_restart_was_known()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        await silo.Log.WaitUntil(pod, "loading");

        server.AbortStreams();
        server.Logs.Write(pod.Name.Value, "ValueError: no model");
        server.Logs.EndRun(pod.Name.Value);
        server.Logs.BeginRun(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "loading again");
        await silo.Log.WaitUntil(pod, "loading", "ValueError: no model", "loading again");

        server.Node.ReportRestart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.WaitUntil(pod, "loading", "ValueError: no model", "loading again", "serving");
        silo.Log.AllLines(pod).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Last_lines_of_a_run_are_logged_although_the_next_run_is_silent()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        await silo.Log.WaitUntil(pod, "loading");

        server.AbortStreams();
        server.Logs.Write(pod.Name.Value, "ValueError: no model");
        server.Node.Crash(pod.Name.Value, 1);
        server.Node.Restart(pod.Name.Value);

        await silo.Log.WaitUntil(pod, "loading", "ValueError: no model");
    }

    [Fact]
    public async Task Current_run_waits_while_reading_the_previous_run_is_retried()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        await silo.Log.WaitUntil(pod, "loading");

        server.FailPreviousLogs(2);
        server.AbortStreams();
        server.Logs.Write(pod.Name.Value, "ValueError: no model");
        server.Node.Crash(pod.Name.Value, 1);
        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "loading again");

        await silo.Log.WaitUntil(pod, "loading", "ValueError: no model", "loading again");
    }

    [Fact]
    public async Task Unreadable_run_is_noted_in_the_log_at_its_place()
    {
        PodSpec pod;
        await using (silo.Watch())
        {
            pod = await Running();
            server.Logs.Write(pod.Name.Value, "zero");
            await silo.Log.WaitUntil(pod, "zero");
        }

        foreach (var text in new[] { "one", "two", "three" })
        {
            server.Node.Crash(pod.Name.Value, 1);
            server.Node.Restart(pod.Name.Value);
            server.Logs.Write(pod.Name.Value, text);
        }

        await using var watch = silo.Watch();
        await silo.Log.WaitUntil(pod, "zero", "two", "three");
        silo.Log.AllLines(pod).ShouldBe(["zero", "!", "two", "three"]);
    }

    [Theory]
    [InlineData(1, new[] { "0", "1" })]
    [InlineData(2, new[] { "!", "1", "2" })]
    public async Task First_reader_after_crashes_gets_the_runs_that_Kubernetes_still_keeps(int crashes, string[] expected)
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
        await KubernetesHost.WaitUntil(() => silo.Log.AllLines(pod).Count == expected.Length, string.Join('|', silo.Log.AllLines(pod)));
        silo.Log.AllLines(pod).ShouldBe(expected);
    }

    [Fact]
    public async Task Unterminated_last_line_is_logged_once_its_run_has_ended()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "loading");
        server.Logs.Write(pod.Name.Value, "no mod", hasEnd: false);
        server.Node.Crash(pod.Name.Value, 1);
        await silo.Log.WaitUntil(pod, "loading", "no mod");

        server.Node.Restart(pod.Name.Value);
        server.Logs.Write(pod.Name.Value, "again");
        await silo.Log.WaitUntil(pod, "loading", "no mod", "again");
    }

    [Fact]
    public async Task Parts_of_a_line_between_carriage_returns_are_logged_once_as_lines()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "10 %\r50 %\r100 %");
        await silo.Log.WaitUntil(pod, "10 %", "50 %", "100 %");

        server.AbortStreams();
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.WaitUntil(pod, "10 %", "50 %", "100 %", "serving");
    }

    [Fact]
    public async Task Missing_right_to_read_logs_is_reported_once_and_all_lines_are_read_once_it_is_granted()
    {
        server.AllowsLogs = false;
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "serving");
        await KubernetesHost.WaitUntil(
            () => silo.LogMessages.Count("needs the right to get pods/log") == 1,
            "the missing right is reported"
        );

        server.AllowsLogs = true;
        await silo.Log.WaitUntil(pod, "serving");
        silo.LogMessages.Count("needs the right to get pods/log").ShouldBe(1);
    }

    [Fact]
    public async Task Connection_that_outlives_its_pod_is_closed()
    {
        await using var watch = silo.Watch();
        var pod = await Running();
        server.Logs.Write(pod.Name.Value, "serving");
        await silo.Log.WaitUntil(pod, "serving");

        server.Pods.Remove(pod.Name.Value);
        await watch.WaitUntil(pod, PodPhase.Ended);
        await KubernetesHost.WaitUntil(() => server.OpenLogCount == 0, "the connection is closed");
    }

    /// <summary>Random sequences of interrupted connections, crashes and late restart counts.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_line_is_lost_or_repeated_in_any_order_of_crashes_and_interruptions(int seed)
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
                    server.AbortStreams();
                    break;
                case 1 when written.Count > 0:
                    // Kubernetes keeps one previous run, so this run must be read before two more follow.
                    await silo.Log.WaitUntil(pod, [.. written]);
                    server.Logs.EndRun(name);
                    if (random.Next(2) == 0)
                        server.AbortStreams();
                    server.Logs.BeginRun(name);
                    restarts++;
                    break;
                case 2 when restarts > 0:
                    restarts--;
                    server.Node.ReportRestart(name);
                    break;
                default:
                    written.Add($"{step}");
                    server.Logs.Write(name, $"{step}");
                    break;
            }
        }

        await silo.Log.WaitUntil(pod, [.. written]);
    }

    [Theory]
    [InlineData("2026-11-25T12:00:00.123456789Z text with spaces", "text with spaces", 1234568)]
    [InlineData("2026-11-25T12:00:00.5Z ", "", 5000000)]
    [InlineData("2026-11-25T13:00:00.000000000+01:00 of a node that is ahead", "of a node that is ahead", 0)]
    [InlineData("2026-11-25T12:00:00Z", "", 0)]
    public void Timestamp_of_a_line_is_parsed_to_100_nanoseconds(string line, string text, long ticks)
    {
        var (at, rest) = TimestampedLine.Parse(line);

        rest.ShouldBe(text);
        at.ShouldBe(DateTimeOffset.Parse("2026-11-25T12:00:00Z", CultureInfo.InvariantCulture).AddTicks(ticks));
    }

    [Fact]
    public void Line_without_a_timestamp_is_kept_unchanged() =>
        TimestampedLine.Parse("unable to retrieve container logs").ShouldBe(new(null, "unable to retrieve container logs"));

    [Fact]
    public void Lines_after_a_clock_was_set_back_are_new_once_the_reader_has_caught_up()
    {
        var at = DateTimeOffset.UnixEpoch.AddDays(1);
        var cursor = new LogCursor([at]);
        cursor.BeginConnection();

        cursor.TryAdvance(at).ShouldBeFalse();
        cursor.HasOverlap.ShouldBeTrue();
        cursor.TryAdvance(at.AddSeconds(1)).ShouldBeTrue();
        cursor.TryAdvance(at.AddSeconds(-9)).ShouldBeTrue();
    }

    [Fact]
    public void Repeated_lines_with_timestamps_out_of_order_are_recognized_one_by_one()
    {
        var at = DateTimeOffset.UnixEpoch.AddDays(1);
        var cursor = new LogCursor([]);
        cursor.BeginConnection();
        foreach (var ticks in new[] { 0, 5, 3 })
            cursor.TryAdvance(at.AddTicks(ticks)).ShouldBeTrue();

        cursor.BeginConnection();
        cursor.Since.ShouldBe(at.AddTicks(5).AddSeconds(-1));
        new[] { 0, 5, 3, 4, 6, 2 }.Select(ticks => cursor.TryAdvance(at.AddTicks(ticks))).ShouldBe([false, false, false, true, true, true]);
    }

    private async Task<PodSpec> Running()
    {
        var pod = await silo.StartPod();
        server.Node.RunReady(pod.Name.Value);
        return pod;
    }
}
