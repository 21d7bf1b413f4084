using DeployCard.Contracts.Pods;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class ForwarderConfigsTests
{
    [Theory]
    [InlineData(60, 600, 600)]
    [InlineData(600, 30, 605)]
    [InlineData(60, 60, 65)]
    public void Activity_timeout_is_the_stream_limit_or_the_first_byte_limit_plus_slack(int firstByte, int idle, int silence) =>
        ForwarderConfigs
            .GetActivityTimeout(
                new() { FirstByteTimeout = TimeSpan.FromSeconds(firstByte), StreamIdleTimeout = TimeSpan.FromSeconds(idle) },
                isUpgrade: false
            )
            .ShouldBe(TimeSpan.FromSeconds(silence));

    [Theory]
    [InlineData(60, 600, false)]
    [InlineData(60, 60, true)]
    [InlineData(600, 30, true)]
    public void Stream_limit_needs_a_separate_timer_unless_it_is_the_longer_one(int firstByte, int idle, bool needsTimer) =>
        ForwarderConfigs
            .NeedsStreamIdleTimer(
                new() { FirstByteTimeout = TimeSpan.FromSeconds(firstByte), StreamIdleTimeout = TimeSpan.FromSeconds(idle) }
            )
            .ShouldBe(needsTimer);

    [Fact]
    public void Upgraded_connection_has_no_activity_timeout() =>
        ForwarderConfigs
            .GetActivityTimeout(new() { FirstByteTimeout = TimeSpan.FromSeconds(1) }, isUpgrade: true)
            .ShouldBe(Timeout.InfiniteTimeSpan);

    [Theory]
    [InlineData(PodProtocol.Http1, "1.1")]
    [InlineData(PodProtocol.H2c, "2.0")]
    public void Http_version_follows_the_pods_protocol(PodProtocol protocol, string version)
    {
        var config = ForwarderConfigs.For(new(Routes.Pod("a") with { Protocol = protocol }), TimeSpan.FromSeconds(5));

        config.Version.ShouldBe(Version.Parse(version));
        config.VersionPolicy.ShouldBe(HttpVersionPolicy.RequestVersionExact);
        config.ActivityTimeout.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Equal_settings_share_one_instance() =>
        ForwarderConfigs
            .For(new(Routes.Pod("a")), TimeSpan.FromSeconds(7))
            .ShouldBeSameAs(ForwarderConfigs.For(new(Routes.Pod("b")), TimeSpan.FromSeconds(7)));
}
