using System.Text;
using System.Text.Json;
using DeployCard.Client.Http;
using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class JsonValidatorTests
{
    private const int Depth = 5;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static async Task<bool> Passes(byte[] bytes, int chunk) =>
        await JsonValidator.IsValid(new MemoryStream(bytes), Depth, new byte[chunk], TestContext.Current.CancellationToken);

    /// <summary>Result of the framework's own parser for the whole text.</summary>
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
    public async Task Valid_json_passes_in_chunks_of_any_size(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        IsJson(bytes).ShouldBeTrue();
        for (var chunk = 1; chunk <= bytes.Length; chunk++)
            (await Passes(bytes, chunk)).ShouldBeTrue($"in pieces of {chunk}");
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
    public async Task Invalid_json_fails_in_chunks_of_any_size(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        IsJson(bytes).ShouldBeFalse();
        for (var chunk = 1; chunk <= bytes.Length + 1; chunk++)
            (await Passes(bytes, chunk)).ShouldBeFalse($"in pieces of {chunk}");
    }

    [Fact]
    public async Task Invalid_utf8_fails_in_chunks_of_any_size()
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
            for (var chunk = 1; chunk <= bytes.Length; chunk++)
                (await Passes(bytes, chunk)).ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Result_agrees_with_the_framework_on_mutated_input()
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
    public async Task Memory_stays_constant_for_long_strings_and_whitespace()
    {
        var chunk = new byte[4096];
        foreach (var filler in "x \\")
        {
            var body = new Filled(filler is ' ' ? "[" : "\"", filler, 16 << 20, filler is ' ' ? "]" : "\"");
            var before = GC.GetAllocatedBytesForCurrentThread();

            (await JsonValidator.IsValid(body, Depth, chunk, TestContext.Current.CancellationToken)).ShouldBeTrue();

            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1 << 20);
        }
    }

    [Fact]
    public async Task Excessively_long_number_is_rejected() =>
        (
            await JsonValidator.IsValid(new Filled("1", '0', 1 << 20, ""), Depth, new byte[4096], TestContext.Current.CancellationToken)
        ).ShouldBeFalse();

    /// <summary>Stream of a start, an even number of one character and an end, generated without buffering.</summary>
    private sealed class Filled(string begin, char filler, int count, string end) : ReadOnlyStream
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
