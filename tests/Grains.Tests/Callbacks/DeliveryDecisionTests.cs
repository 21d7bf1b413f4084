using DeployCard.Contracts.Callbacks;
using DeployCard.Domain.Callbacks;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class DeliveryDecisionTests
{
    private static readonly DateTimeOffset End = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Failures_are_retried_with_growing_backoff_until_a_day_after_the_end()
    {
        var backoffs = Backoffs(0.5);

        backoffs
            .Select(backoff => backoff.TotalSeconds)
            .ShouldBe([5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800, 1_045], 0.5);
        backoffs.Sum(backoff => backoff.TotalSeconds).ShouldBe(Day.TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Backoff_varies_by_a_tenth(double random)
    {
        var backoffs = Backoffs(random);

        backoffs[0].TotalSeconds.ShouldBe(5 * (0.9 + random * 0.2), 0.001);
        backoffs[7].TotalHours.ShouldBe(4 * (0.9 + random * 0.2), 0.001);
        backoffs.Sum(backoff => backoff.TotalSeconds).ShouldBe(Day.TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(299)]
    public void Status_2xx_means_delivered(int status) => After(DeliveryResult.FromResponse(status)).ShouldBe(new(true, null));

    [Theory]
    [InlineData(100)]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public void Other_status_is_retried(int status)
    {
        var result = DeliveryResult.FromResponse(status);

        result.Error.ShouldNotBeNull().ShouldContain($"{status}");
        After(result).ShouldBe(new(false, End.AddSeconds(5)));
    }

    [Fact]
    public void Error_of_a_redirect_says_that_redirects_are_not_followed() =>
        DeliveryResult.FromResponse(301).Error.ShouldNotBeNull().ShouldContain("not followed");

    [Fact]
    public void Status_410_abandons_the_callback() => After(DeliveryResult.FromResponse(410)).ShouldBe(new(false, null));

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public void Retry_after_of_an_overloaded_receiver_is_honored(int status)
    {
        After(DeliveryResult.FromResponse(status, null, TimeSpan.FromMinutes(7))).NextDeliveryAt.ShouldBe(End.AddMinutes(7));
        After(DeliveryResult.FromResponse(status, null, TimeSpan.FromSeconds(1))).NextDeliveryAt.ShouldBe(End.AddSeconds(5));
        After(DeliveryResult.FromResponse(status, null, TimeSpan.Zero)).NextDeliveryAt.ShouldBe(End.AddSeconds(5));
    }

    [Fact]
    public void Retry_after_is_capped_at_the_deadline() =>
        After(DeliveryResult.FromResponse(503, null, TimeSpan.MaxValue)).NextDeliveryAt.ShouldBe(End + Day);

    [Fact]
    public void Retry_after_is_ignored_for_other_statuses() =>
        After(DeliveryResult.FromResponse(500, null, TimeSpan.FromHours(1))).NextDeliveryAt.ShouldBe(End.AddSeconds(5));

    [Fact]
    public void Delivery_that_was_not_attempted_is_postponed_by_about_a_minute()
    {
        var notTried = DeliveryResult.NotAttempted("too many");

        DeliveryDecision.Decide(0, notTried, End, End + Day, 0.5).ShouldBe(new(false, End.AddMinutes(1)));
        DeliveryDecision.Decide(9, notTried, End, End + Day, 0).ShouldBe(new(false, End.AddSeconds(30)));
    }

    [Fact]
    public void Failed_delivery_after_the_deadline_abandons_the_callback() =>
        DeliveryDecision.Decide(3, DeliveryResult.Failed("unavailable"), End.AddDays(5), End + Day, 0.5).ShouldBe(new(false, null));

    private static DeliveryDecision After(DeliveryResult result) => DeliveryDecision.Decide(1, result, End, End + Day, 0.5);

    /// <summary>Returns the backoffs for a receiver that always fails immediately, until the callback is abandoned.</summary>
    private static List<TimeSpan> Backoffs(double random)
    {
        var (now, backoffs) = (End, new List<TimeSpan>());
        while (
            DeliveryDecision.Decide(backoffs.Count + 1, DeliveryResult.Failed("unavailable"), now, End + Day, random).NextDeliveryAt
                is { } next
        )
        {
            backoffs.Add(next - now);
            now = next;
        }

        return backoffs;
    }
}
