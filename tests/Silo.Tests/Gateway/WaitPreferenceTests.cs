using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class WaitPreferenceTests
{
    [Theory]
    [InlineData("wait=10", 10)]
    [InlineData("wait=0", 0)]
    [InlineData("wait=60", 60)]
    [InlineData("wait=61", 60)]
    [InlineData("wait=99999999999999999999999999", 60)]
    [InlineData("Wait = 7", 7)]
    [InlineData("wait=\"8\"", 8)]
    [InlineData("respond-async, wait=5", 5)]
    [InlineData("respond-async; q=1, wait=5; why=\"a, wait=6\"", 5)]
    [InlineData("note=\"wait=1, wait=2\", wait=3", 3)]
    [InlineData("note=\"a\\\", wait=1\", wait=3", 3)]
    [InlineData("wait=3, wait=4", 3)]
    [InlineData(",, wait=3 ,", 3)]
    public void Wait_preference_is_parsed_as_in_the_standard(string prefer, int seconds) => WaitPreference.Parse(prefer).ShouldBe(seconds);

    [Theory]
    [InlineData("")]
    [InlineData("respond-async")]
    [InlineData("wait")]
    [InlineData("wait=")]
    [InlineData("wait=-1")]
    [InlineData("wait=+1")]
    [InlineData("wait=1.5")]
    [InlineData("wait=1e1")]
    [InlineData("wait=soon")]
    [InlineData("wait=1 2")]
    [InlineData("waits=5")]
    [InlineData("note=\"wait=5")]
    [InlineData("wait=soon, wait=5")]
    public void Other_or_invalid_preference_is_ignored(string prefer) => WaitPreference.Parse(prefer).ShouldBeNull();

    [Fact]
    public void Wait_preference_is_found_in_any_of_several_headers() => WaitPreference.Parse(new(["respond-async", "wait=4"])).ShouldBe(4);
}
