using DeployCard.Grains.Callbacks;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackScheduleTests
{
    private static readonly DateTimeOffset End = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Fact]
    public void Failures_are_repeated_with_growing_pauses_and_a_last_time_a_day_after_the_end()
    {
        var pauses = Pauses(0.5);

        pauses.Select(pause => pause.TotalSeconds).ShouldBe([5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800, 1_045], 0.5);
        pauses.Sum(pause => pause.TotalSeconds).ShouldBe(Day.TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Each_pause_varies_by_a_tenth(double random)
    {
        var pauses = Pauses(random);

        pauses[0].TotalSeconds.ShouldBe(5 * (0.9 + random * 0.2), 0.001);
        pauses[7].TotalHours.ShouldBe(4 * (0.9 + random * 0.2), 0.001);
        pauses.Sum(pause => pause.TotalSeconds).ShouldBe(Day.TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    [InlineData(299)]
    public void Any_2xx_is_delivered(int status) => After(CallbackAnswer.Answered(status)).ShouldBe(new(true, null));

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
    public void Anything_else_is_repeated(int status)
    {
        var answer = CallbackAnswer.Answered(status);

        answer.Error.ShouldNotBeNull().ShouldContain($"{status}");
        After(answer).ShouldBe(new(false, End.AddSeconds(5)));
    }

    [Fact]
    public void A_redirect_is_told_as_one_that_is_not_followed() =>
        CallbackAnswer.Answered(301).Error.ShouldNotBeNull().ShouldContain("not followed");

    [Fact]
    public void A_receiver_that_is_gone_is_told_no_more() => After(CallbackAnswer.Answered(410)).ShouldBe(new(false, null));

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public void An_overloaded_receiver_is_left_alone_for_as_long_as_it_asks(int status)
    {
        After(CallbackAnswer.Answered(status, null, TimeSpan.FromMinutes(7))).NextAt.ShouldBe(End.AddMinutes(7));
        After(CallbackAnswer.Answered(status, null, TimeSpan.FromSeconds(1))).NextAt.ShouldBe(End.AddSeconds(5));
        After(CallbackAnswer.Answered(status, null, TimeSpan.Zero)).NextAt.ShouldBe(End.AddSeconds(5));
    }

    [Fact]
    public void It_cannot_ask_for_more_than_the_day() =>
        After(CallbackAnswer.Answered(503, null, TimeSpan.MaxValue)).NextAt.ShouldBe(End + Day);

    [Fact]
    public void Others_cannot_ask_at_all() =>
        After(CallbackAnswer.Answered(500, null, TimeSpan.FromHours(1))).NextAt.ShouldBe(End.AddSeconds(5));

    [Fact]
    public void What_was_not_tried_is_put_off_by_about_a_minute_and_does_not_count()
    {
        var notTried = CallbackAnswer.NotTried("too many");

        CallbackSchedule.After(0, notTried, End, End + Day, 0.5).ShouldBe(new(false, End.AddMinutes(1)));
        CallbackSchedule.After(9, notTried, End, End + Day, 0).ShouldBe(new(false, End.AddSeconds(30)));
    }

    [Fact]
    public void After_an_outage_of_days_it_is_tried_once_more_and_then_given_up() =>
        CallbackSchedule.After(3, CallbackAnswer.Failed("away"), End.AddDays(5), End + Day, 0.5).ShouldBe(new(false, null));

    private static CallbackSchedule After(CallbackAnswer answer) => CallbackSchedule.After(1, answer, End, End + Day, 0.5);

    /// <summary>The pauses of a receiver that always fails at once, until it is given up.</summary>
    private static List<TimeSpan> Pauses(double random)
    {
        var (now, pauses) = (End, new List<TimeSpan>());
        while (CallbackSchedule.After(pauses.Count + 1, CallbackAnswer.Failed("away"), now, End + Day, random).NextAt is { } next)
        {
            pauses.Add(next - now);
            now = next;
        }

        return pauses;
    }
}
