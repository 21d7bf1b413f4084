using System.Text;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class ExcerptTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("  out of memory\r\n", "out of memory")]
    [InlineData("one\ntwo\u0007\u001b[31m", "one two  [31m")]
    [InlineData("zu groß", "zu groß")]
    public async Task Excerpt_is_one_line_of_text(string body, string text) =>
        (await Excerpt.Read(new MemoryStream(Encoding.UTF8.GetBytes(body)), TestContext.Current.CancellationToken)).ShouldBe(text);

    [Fact]
    public async Task Excerpt_of_a_long_body_is_its_start_and_leaves_the_rest_unread()
    {
        var body = new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("ß", 100_000))));

        var text = await Excerpt.Read(body, TestContext.Current.CancellationToken);

        text.ShouldBe(new string('ß', 512) + "…");
        body.Position.ShouldBe(1024);
    }
}
