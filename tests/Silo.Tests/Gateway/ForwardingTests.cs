using DeployCard.Grains.Pods;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class ForwardingTests
{
    [Theory]
    [InlineData(60, 600, 600)]
    [InlineData(600, 30, 605)]
    [InlineData(60, 60, 65)]
    public void Silence_is_bounded_by_the_limit_of_streams_or_after_the_clocks_own(int firstByte, int idle, int silence) =>
        Forwarding
            .SilenceOf(
                new() { FirstByteTimeout = TimeSpan.FromSeconds(firstByte), StreamIdleTimeout = TimeSpan.FromSeconds(idle) },
                isUpgrade: false
            )
            .ShouldBe(TimeSpan.FromSeconds(silence));

    [Theory]
    [InlineData(60, 600, false)]
    [InlineData(60, 60, true)]
    [InlineData(600, 30, true)]
    public void The_clock_keeps_the_limit_of_streams_where_it_is_not_the_longer_one(int firstByte, int idle, bool isClocks) =>
        Forwarding
            .ClockKeepsStream(new() { FirstByteTimeout = TimeSpan.FromSeconds(firstByte), StreamIdleTimeout = TimeSpan.FromSeconds(idle) })
            .ShouldBe(isClocks);

    [Fact]
    public void An_upgraded_connection_may_be_silent_for_ever() =>
        Forwarding.SilenceOf(new() { FirstByteTimeout = TimeSpan.FromSeconds(1) }, isUpgrade: true).ShouldBe(Timeout.InfiniteTimeSpan);

    [Theory]
    [InlineData(PodProtocol.Http1, "1.1")]
    [InlineData(PodProtocol.H2c, "2.0")]
    public void A_pod_is_spoken_to_as_its_image_says(PodProtocol protocol, string version)
    {
        var config = Forwarding.To(new(Routes.Pod("a") with { Protocol = protocol }), TimeSpan.FromSeconds(5));

        config.Version.ShouldBe(Version.Parse(version));
        config.VersionPolicy.ShouldBe(HttpVersionPolicy.RequestVersionExact);
        config.ActivityTimeout.ShouldBe(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_same_wish_is_the_same_object() =>
        Forwarding
            .To(new(Routes.Pod("a")), TimeSpan.FromSeconds(7))
            .ShouldBeSameAs(Forwarding.To(new(Routes.Pod("b")), TimeSpan.FromSeconds(7)));
}
