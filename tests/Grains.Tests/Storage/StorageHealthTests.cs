using DeployCard.Grains.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace DeployCard.Grains.Tests.Storage;

public sealed class StorageHealthTests
{
    [Fact]
    public void An_outage_is_two_lines_however_much_fails_in_it()
    {
        var (log, time) = (new FakeLogCollector(), new FakeTimeProvider());
        var health = new StorageHealth("deploycard.db", time, new FakeLogger(log));
        for (var outage = 0; outage < 2; outage++)
        {
            health.Worked();
            for (var i = 0; i < 100; i++)
            {
                health.Failed(new StorageException("away"));
                time.Advance(TimeSpan.FromMilliseconds(30));
            }
        }

        health.Worked();

        log.GetSnapshot()
            .Select(line => line.Level)
            .ShouldBe([LogLevel.Warning, LogLevel.Information, LogLevel.Warning, LogLevel.Information]);
        log.LatestRecord.Message.ShouldContain("after 3.0 s");
    }

    [Fact]
    public void Only_what_an_outage_brings_about_is_left_to_debugging()
    {
        StorageHealth.Level(new StorageException("away"), LogLevel.Error).ShouldBe(LogLevel.Debug);
        StorageHealth.Level(new OrleansException("write", new StorageException("away")), LogLevel.Error).ShouldBe(LogLevel.Debug);
        StorageHealth.Level(new InvalidOperationException("bug"), LogLevel.Error).ShouldBe(LogLevel.Error);
    }
}
