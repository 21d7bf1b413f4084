using System.Text;
using DeployCard.Contracts.Callbacks;

namespace DeployCard.Grains.Tests.Callbacks;

public sealed class CallbackExcerptTests
{
    [Theory]
    [InlineData("ok", "ok")]
    [InlineData("a\tb\r\nc", "a\tb\r\nc")]
    [InlineData("naïve 学 🎉", "naïve 学 🎉")]
    [InlineData("a\0b\u001b[31mc\u007f\u0085", "a�b�[31mc��")]
    [InlineData("user\u202egnp.exe", "user�gnp.exe")]
    [InlineData("zero\u200bwidth\u2028line", "zero�width�line")]
    [InlineData("", null)]
    public void Characters_that_move_or_hide_other_text_are_replaced(string body, string? excerpt) =>
        CallbackExcerpt.From(Encoding.UTF8.GetBytes(body)).ShouldBe(excerpt);

    [Fact]
    public void Invalid_UTF_8_is_replaced() => CallbackExcerpt.From([0x61, 0xff, 0xfe, 0x62]).ShouldBe("a��b");

    [Fact]
    public void Excerpt_has_at_most_1_KiB_and_omits_a_character_cut_by_the_limit()
    {
        CallbackExcerpt.From(Encoding.UTF8.GetBytes(new string('x', 5_000))).ShouldBe(new string('x', 1_024));
        CallbackExcerpt.From(Encoding.UTF8.GetBytes(new string('x', 1_023) + "é")).ShouldBe(new string('x', 1_023));
    }
}
