using DeployCard.Contracts.Autoscaling;
using DeployCard.Contracts.Names;
using DeployCard.Domain.AsyncCalls;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class BacklogReporterTests
{
    private readonly FakeTimeProvider time = new();
    private readonly List<LoadReport> reports = [];
    private readonly BacklogReporter reporter;
    private Task sending = Task.CompletedTask;

    public BacklogReporterTests() =>
        reporter = new(
            DeploymentName.Parse("iris"),
            report =>
            {
                reports.Add(report);
                return sending;
            },
            time,
            NullLogger.Instance
        );

    private IEnumerable<int> Waiting => reports.Select(report => report.Waiting);

    [Fact]
    public void First_ready_call_and_the_change_to_zero_are_reported_immediately()
    {
        reporter.Report(1);
        reporter.Report(0);
        reporter.Report(2);

        Waiting.ShouldBe([1, 0, 2]);
        reports.ShouldAllBe(report => report.Gateway == LoadReport.Queue && report.InFlight == 0);
    }

    [Fact]
    public void Empty_queue_is_reported_once()
    {
        reporter.Report(0);
        reporter.Report(1);
        reporter.Report(0);
        reporter.Report(0);

        Waiting.ShouldBe([1, 0]);
    }

    [Fact]
    public void Reports_of_ready_calls_have_a_minimum_distance()
    {
        reporter.Report(1);
        time.Advance(BacklogReporter.MinInterval - TimeSpan.FromMilliseconds(1));
        reporter.Report(2);
        time.Advance(TimeSpan.FromMilliseconds(1));
        reporter.Report(3);

        Waiting.ShouldBe([1, 3]);
    }

    [Fact]
    public void Report_waits_for_no_response_and_a_failure_is_not_thrown()
    {
        sending = new TaskCompletionSource().Task;
        reporter.Report(1);
        sending = Task.FromException(new IOException());
        reporter.Report(0);

        Waiting.ShouldBe([1, 0]);
    }
}
