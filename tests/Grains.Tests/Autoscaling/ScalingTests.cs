using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Tests.Autoscaling;

public sealed class ScalingTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("0-3", 0, 0, null, 0)]
    [InlineData("0-3", 0, 0, 299, 1)]
    [InlineData("0-3", 0, 0, 300, 0)]
    [InlineData("1-3", 0, 0, null, 1)]
    [InlineData("0-3", 0, 1, 0, 1)]
    [InlineData("0-3", 4, 4, 0, 1)]
    [InlineData("0-3", 4, 5, 0, 2)]
    [InlineData("0-3", 4, 500, 0, 3)]
    [InlineData("0-0", 1, 5, 0, 5)]
    [InlineData("0-0", 1, 50, 0, 10)]
    [InlineData("0-0", 1, 0, null, 0)]
    [InlineData("20-30", 1, 0, null, 10)]
    public void Pods_follow_the_load_within_their_range(string range, int concurrency, int peak, int? secondsSinceUse, int pods)
    {
        PodsRange.TryParse(range, out var parsed).ShouldBeTrue();
        var configuration = new DeploymentConfiguration { Pods = parsed, Concurrency = concurrency };
        ScalingDecision.Pods(configuration, peak, Now.AddSeconds(-secondsSinceUse ?? -1_000_000), cap: 10, Now).ShouldBe(pods);
    }

    [Fact]
    public void A_peak_is_remembered_for_the_length_of_the_window()
    {
        var window = new LoadWindow(TimeSpan.FromMinutes(1));
        window.Add(new("a", Now, 3, 2, Now, []));
        window.Add(new("b", Now, 1, 0, Now, []));
        window.Add(new("a", Now.AddSeconds(5), 0, 0, Now, []));
        window.Now(Now.AddSeconds(5)).ShouldBe(1);
        window.Peak(Now.AddSeconds(59)).ShouldBe(6);
        window.Peak(Now.AddSeconds(61)).ShouldBe(1);
    }

    [Fact]
    public void A_gateway_that_fell_silent_counts_no_more_and_an_older_report_changes_nothing()
    {
        var window = new LoadWindow(TimeSpan.Zero);
        window.Add(new("a", Now, 3, 0, Now, []));
        window.Add(new("a", Now.AddSeconds(-1), 9, 0, Now, []));
        window.Now(Now).ShouldBe(3);
        window.Now(Now + LoadWindow.Silence).ShouldBe(3);
        window.Now(Now + LoadWindow.Silence + TimeSpan.FromTicks(1)).ShouldBe(0);
    }

    [Theory]
    [InlineData("0-3", true)]
    [InlineData("0-0", true)]
    [InlineData("100-100", true)]
    [InlineData("3-1", false)]
    [InlineData("0-101", false)]
    [InlineData("-1-3", false)]
    [InlineData("1", false)]
    [InlineData("1-2-3", false)]
    [InlineData(" 1-2", false)]
    [InlineData("", false)]
    public void A_range_is_read_strictly(string text, bool isRange) => PodsRange.TryParse(text, out _).ShouldBe(isRange);

    [Theory]
    [InlineData("iris", true)]
    [InlineData("0", true)]
    [InlineData("a-b", true)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("A", false)]
    [InlineData("a.b", false)]
    [InlineData("", false)]
    [InlineData("a\n", false)]
    public void A_name_is_a_dns_label(string text, bool isName) => DeploymentName.TryParse(text, out _).ShouldBe(isName);

    [Fact]
    public void A_name_has_at_most_63_characters()
    {
        DeploymentName.TryParse(new string('a', 63), out _).ShouldBeTrue();
        DeploymentName.TryParse(new string('a', 64), out _).ShouldBeFalse();
    }
}
