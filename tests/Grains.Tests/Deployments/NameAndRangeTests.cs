using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Names;

namespace DeployCard.Grains.Tests.Deployments;

public sealed class NameAndRangeTests
{
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
    public void Range_is_parsed_strictly(string text, bool isRange) => PodsRange.TryParse(text, out _).ShouldBe(isRange);

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
    public void Name_is_a_dns_label(string text, bool isName) => DeploymentName.TryParse(text, out _).ShouldBe(isName);

    [Fact]
    public void Name_has_at_most_63_characters()
    {
        DeploymentName.TryParse(new string('a', 63), out _).ShouldBeTrue();
        DeploymentName.TryParse(new string('a', 64), out _).ShouldBeFalse();
    }
}
