using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodChoiceTests
{
    private static PodSlot[] Pods(int count) => [.. Enumerable.Range(0, count).Select(n => new PodSlot(Routes.Pod($"pod-{n}")))];

    [Fact]
    public void Without_pods_there_is_no_choice() => PodChoice.Enter([], 0).ShouldBeNull();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(10, 5)]
    public void Every_place_is_found_and_none_beyond(int count, int limit)
    {
        var pods = Pods(count);

        for (var n = 0; n < count * limit; n++)
            PodChoice.Enter(pods, limit).ShouldNotBeNull();

        PodChoice.Enter(pods, limit).ShouldBeNull();
        pods.ShouldAllBe(pod => pod.InFlight == limit);
    }

    [Fact]
    public void A_place_given_back_can_be_taken_again()
    {
        var pods = Pods(3);
        while (PodChoice.Enter(pods, 1) is not null) { }

        pods[1].Leave();

        PodChoice.Enter(pods, 1).ShouldBeSameAs(pods[1]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Requests_are_spread_nearly_evenly(int count)
    {
        var pods = Pods(count);

        for (var n = 0; n < 1000 * count; n++)
            PodChoice.Enter(pods, 0);

        // Of one random pod each the difference would be about 100; of the better of two it is a handful.
        (pods.Max(pod => pod.InFlight) - pods.Min(pod => pod.InFlight)).ShouldBeLessThan(40);
    }

    [Fact]
    public void Requests_that_end_at_once_are_spread_too()
    {
        var pods = Pods(4);
        var taken = new Dictionary<PodSlot, int>();

        for (var n = 0; n < 4000; n++)
        {
            var pod = PodChoice.Enter(pods, 1)!;
            taken[pod] = taken.GetValueOrDefault(pod) + 1;
            pod.Leave();
        }

        taken.Count.ShouldBe(4);
        taken.Values.ShouldAllBe(count => count > 700);
    }
}
