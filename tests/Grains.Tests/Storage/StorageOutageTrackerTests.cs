using DeployCard.Contracts.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Storage;

public sealed class StorageOutageTrackerTests
{
    [Fact]
    public void Outage_logs_one_warning_and_one_recovery_however_many_operations_fail()
    {
        var (log, time) = (new FakeLogCollector(), new FakeTimeProvider());
        var health = new StorageOutageTracker("deploycard.db", time, new FakeLogger(log));
        for (var outage = 0; outage < 2; outage++)
        {
            health.RecordSuccess();
            for (var i = 0; i < 100; i++)
            {
                health.RecordFailure(new StorageException("unavailable"));
                time.Advance(TimeSpan.FromMilliseconds(30));
            }
        }

        health.RecordSuccess();

        log.GetSnapshot()
            .Select(line => line.Level)
            .ShouldBe([LogLevel.Warning, LogLevel.Information, LogLevel.Warning, LogLevel.Information]);
        log.LatestRecord.Message.ShouldContain("after 3.0 s");
    }

    [Fact]
    public void Only_consequences_of_an_outage_are_logged_at_debug_level()
    {
        StorageOutageTracker.LogLevelFor(new StorageException("unavailable"), LogLevel.Error).ShouldBe(LogLevel.Debug);
        StorageOutageTracker
            .LogLevelFor(new OrleansException("write", new StorageException("unavailable")), LogLevel.Error)
            .ShouldBe(LogLevel.Debug);
        StorageOutageTracker.LogLevelFor(new InvalidOperationException("bug"), LogLevel.Error).ShouldBe(LogLevel.Error);
    }
}
