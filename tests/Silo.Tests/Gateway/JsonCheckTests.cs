using System.Text;
using System.Text.Json;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class JsonCheckTests
{
    private const int Depth = 5;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static async Task<bool> Passes(byte[] bytes, int piece) =>
        await JsonCheck.Passes(new MemoryStream(bytes), Depth, new byte[piece], TestContext.Current.CancellationToken);

    /// <summary>What the framework says of the whole.</summary>
    private static bool IsJson(byte[] bytes)
    {
        try
        {
            Utf8.GetCharCount(bytes);
            JsonDocument.Parse(bytes, new() { MaxDepth = Depth }).Dispose();
            return true;
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return false;
        }
    }

    [Theory]
    [InlineData("""{"a":[1,-2.5e10,true,false,null],"b c":{"":"x"}}""")]
    [InlineData("""  [ "a\"b\\c\/\b\f\n\r\té\uD83D\uDE00" , "héllo — 😀" ]  """)]
    [InlineData("0")]
    [InlineData("-0.10E-7")]
    [InlineData("\"\"")]
    [InlineData("[[[[[]]]]]")]
    [InlineData("""{"twice":1,"twice":2}""")]
    [InlineData("[1                                                   ,                             2]")]
    public async Task Json_passes_wherever_it_is_cut(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        IsJson(bytes).ShouldBeTrue();
        for (var piece = 1; piece <= bytes.Length; piece++)
            (await Passes(bytes, piece)).ShouldBeTrue($"in pieces of {piece}");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("[1 2]")]
    [InlineData("{} {}")]
    [InlineData("""{"a" "b"}""")]
    [InlineData("\"a\"\"b\"")]
    [InlineData("""{1:2}""")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData("tru")]
    [InlineData("nulll")]
    [InlineData("NaN")]
    [InlineData("[1] // why")]
    [InlineData("\"open")]
    [InlineData("\"open\\")]
    [InlineData("\"open\\u00")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u00g0\"")]
    [InlineData("\"a\nb\"")]
    [InlineData("\"a\0b\"")]
    [InlineData("'a'")]
    [InlineData("\uFEFF[]")]
    [InlineData("\u00a01")]
    [InlineData("[[[[[[]]]]]]")]
    public async Task What_is_none_fails_wherever_it_is_cut(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        IsJson(bytes).ShouldBeFalse();
        for (var piece = 1; piece <= bytes.Length + 1; piece++)
            (await Passes(bytes, piece)).ShouldBeFalse($"in pieces of {piece}");
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_fail_wherever_they_are_cut()
    {
        byte[][] texts =
        [
            [(byte)'"', 0xe9, (byte)'"'],
            [(byte)'"', 0xc3, (byte)'"'],
            [(byte)'"', 0xed, 0xa0, 0x80, (byte)'"'],
            [(byte)'"', 0xf0, 0x9f, 0x98],
        ];
        foreach (var bytes in texts)
        {
            for (var piece = 1; piece <= bytes.Length; piece++)
                (await Passes(bytes, piece)).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task It_agrees_with_the_framework_on_whatever_comes()
    {
        var random = new Random(20261125);
        var valid = Encoding.UTF8.GetBytes("""{"a": [1, -2.5e10, true, null, "é\u00e9\"", {"b": "\\"}], "c": ""}""");
        var passed = 0;
        for (var turn = 0; turn < 20_000; turn++)
        {
            var bytes = (byte[])valid.Clone();
            for (var change = random.Next(3); change > 0; change--)
                bytes[random.Next(bytes.Length)] = turn % 2 == 0 ? (byte)random.Next(256) : valid[random.Next(valid.Length)];
            var expected = IsJson(bytes);
            passed += expected ? 1 : 0;
            (await Passes(bytes, random.Next(1, 20))).ShouldBe(expected, Encoding.Latin1.GetString(bytes));
        }

        passed.ShouldBeInRange(1_000, 19_000);
    }

    [Fact]
    public async Task Memory_does_not_grow_with_a_string_or_blanks()
    {
        var piece = new byte[4096];
        foreach (var filler in "x \\")
        {
            var body = new Filled(filler is ' ' ? "[" : "\"", filler, 16 << 20, filler is ' ' ? "]" : "\"");
            var before = GC.GetAllocatedBytesForCurrentThread();

            (await JsonCheck.Passes(body, Depth, piece, TestContext.Current.CancellationToken)).ShouldBeTrue();

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
        }
    }

    [Fact]
    public async Task A_number_that_nobody_could_read_is_none() =>
        (
            await JsonCheck.Passes(new Filled("1", '0', 1 << 20, ""), Depth, new byte[4096], TestContext.Current.CancellationToken)
        ).ShouldBeFalse();

    /// <summary>A beginning, an even number of one character, and an end, in no memory.</summary>
    private sealed class Filled(string begin, char filler, int count, string end) : ReadingStream
    {
        private int at;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = 0;
            for (; read < buffer.Length && at < begin.Length + count + end.Length; read++, at++)
                buffer.Span[read] = (byte)(
                    at < begin.Length ? begin[at]
                    : at < begin.Length + count ? filler
                    : end[at - begin.Length - count]
                );
            return new(read);
        }
    }
}
