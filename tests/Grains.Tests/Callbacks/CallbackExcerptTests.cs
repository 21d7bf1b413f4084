using System.Text;
using DeployCard.Grains.Callbacks;

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
    public void What_would_move_or_hide_other_text_is_replaced(string answer, string? excerpt) =>
        CallbackExcerpt.Of(Encoding.UTF8.GetBytes(answer)).ShouldBe(excerpt);

    [Fact]
    public void What_is_no_UTF_8_is_replaced() => CallbackExcerpt.Of([0x61, 0xff, 0xfe, 0x62]).ShouldBe("a��b");

    [Fact]
    public void One_KiB_is_kept_and_a_letter_that_it_cuts_through_is_left_out()
    {
        CallbackExcerpt.Of(Encoding.UTF8.GetBytes(new string('x', 5_000))).ShouldBe(new string('x', 1_024));
        CallbackExcerpt.Of(Encoding.UTF8.GetBytes(new string('x', 1_023) + "é")).ShouldBe(new string('x', 1_023));
    }
}
