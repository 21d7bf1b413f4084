using System.ComponentModel.DataAnnotations;
using DeployCard.Common.Settings;

namespace DeployCard.Grains.Tests.Settings;

public sealed class SettingsValidatorTests
{
    [Fact]
    public void Valid_settings_have_no_errors() => Errors(new()).ShouldBeEmpty();

    [Theory]
    [InlineData(0, "Test:Count must be at least 1; got 0.")]
    [InlineData(-1, "Test:Count must be at least 1; got -1.")]
    public void Error_of_a_number_without_a_maximum_contains_only_the_minimum(int count, string error) =>
        Errors(new() { Count = count }).ShouldBe([error]);

    [Theory]
    [InlineData(5_000_000_000, "Test:Bytes must be 1024 to 1073741824; got 5000000000.")]
    [InlineData(1, "Test:Bytes must be 1024 to 1073741824; got 1.")]
    public void Long_number_out_of_range_is_reported_with_the_range(long bytes, string error) =>
        Errors(new() { Bytes = bytes }).ShouldBe([error]);

    [Theory]
    [InlineData(1.4, "Test:Ratio must be 0 to 1; got 1.4.")]
    [InlineData(double.NaN, "Test:Ratio must be 0 to 1; got NaN.")]
    public void Fraction_out_of_range_is_not_rounded(double ratio, string error) => Errors(new() { Ratio = ratio }).ShouldBe([error]);

    [Fact]
    public void Durations_are_written_as_in_the_settings() =>
        Errors(new() { Delay = TimeSpan.FromMilliseconds(1.5) })
            .ShouldBe(["Test:Delay must be 00:00:00.01 to 1.00:00:00; got 00:00:00.0015."]);

    [Theory]
    [InlineData("", "Test:Name must not be empty.")]
    [InlineData("abcdef", "Test:Name must be 1 to 5 characters; got 6.")]
    [InlineData("ABC", "Test:Name must be lowercase letters; got 'ABC'.")]
    public void Text_is_checked_for_its_length_and_its_characters(string name, string error) =>
        Errors(new() { Name = name }).ShouldBe([error]);

    [Fact]
    public void Text_other_than_the_allowed_values_is_rejected() =>
        Errors(new() { Effect = "none" }).ShouldBe(["Test:Effect must be Run, Skip or empty; got 'none'."]);

    [Fact]
    public void Error_in_a_list_contains_the_index_of_the_element() =>
        Errors(
                new()
                {
                    Items =
                    {
                        new() { Port = 1 },
                        new(),
                        new() { Port = 70_000 },
                    },
                }
            )
            .ShouldBe(["Test:Items:2:Port must be 1 to 65535; got 70000."]);

    [Fact]
    public void All_errors_are_reported_together_with_those_of_the_options_themselves() =>
        Errors(
                new()
                {
                    Count = 0,
                    Ratio = -1,
                    IsConsistent = false,
                }
            )
            .ShouldBe([
                "Test:Count must be at least 1; got 0.",
                "Test:Ratio must be 0 to 1; got -1.",
                "Test:Count does not fit Test:Ratio.",
            ]);

    private static IEnumerable<string> Errors(TestOptions options) =>
        new SettingsValidator<TestOptions>("Test").Validate(null, options).Failures ?? [];

    private sealed class TestOptions : IValidatableObject
    {
        [Range(1, int.MaxValue)]
        public int Count { get; set; } = 1;

        [Range(1024, 1L << 30)]
        public long Bytes { get; set; } = 1024;

        [Range(0.0, 1.0)]
        public double Ratio { get; set; } = 1;

        [Range(typeof(TimeSpan), "00:00:00.01", "1.00:00:00")]
        public TimeSpan Delay { get; set; } = TimeSpan.FromDays(1);

        [StringLength(5, MinimumLength = 1), RegularExpression("[a-z]+", ErrorMessage = "{0} must be lowercase letters"), Required]
        public string Name { get; set; } = "a";

        [AllowedValues("Run", "Skip", "")]
        public string Effect { get; set; } = "";

        public IList<ItemOptions> Items { get; } = [];

        public IList<string> Texts { get; } = ["a"];

        public IDictionary<string, string> Labels { get; } = new Dictionary<string, string> { ["a"] = "b" };

        public bool IsConsistent { get; set; } = true;

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (!IsConsistent)
                yield return new("Test:Count does not fit Test:Ratio.");
        }
    }

    private sealed class ItemOptions
    {
        [Range(1, 65_535)]
        public int? Port { get; set; }
    }
}
