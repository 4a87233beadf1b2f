package lastcall.config;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All addresses that begin with the same bits, such as {@code 10.0.0.0/8}, or one address. An
 * IPv4-mapped IPv6 address ({@code ::ffff:192.0.2.1}) is the IPv4 address.
 */
public record Network(InetAddress first, int bits) {
  private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final Pattern LITERAL =
      Pattern.compile(BYTE + "(\\." + BYTE + "){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

  static List<Network> read(ConfigValues values, String key) {
    try {
      return all(values.text(key));
    } catch (IllegalArgumentException e) {
      values.wrong(
          key, e.getMessage() + " must be an address or a block, such as 10.0.0.0/8 or ::1");
      return List.of();
    }
  }

  /**
   * @param text with commas or white space between them
   * @throws IllegalArgumentException with the first that is none
   */
  public static List<Network> all(String text) {
    List<Network> networks = new ArrayList<>();
    for (String one : ConfigValues.list(text)) {
      Network network = parse(one);
      if (network == null) {
        throw new IllegalArgumentException(one);
      }
      networks.add(network);
    }
    return List.copyOf(networks);
  }

  /** Null if the text is neither an address nor a block. A block of all addresses is none. */
  static @Nullable Network parse(String text) {
    String[] parts = text.split("/", 2);
    InetAddress first = literal(parts[0]);
    if (first == null) {
      return null;
    }
    int most = first.getAddress().length * 8;
    if (parts.length == 1) {
      return new Network(first, most);
    }
    int bits = parts[1].matches("[1-9]\\d{0,2}") ? Integer.parseInt(parts[1]) : 0;
    return bits >= 1 && bits <= most ? new Network(first, bits) : null;
  }

  /** The address that is written there; null if none is. No name is looked up. */
  public static @Nullable InetAddress literal(String text) {
    try {
      // In brackets, where Java takes no name.
      return !LITERAL.matcher(text).matches()
          ? null
          : InetAddress.getByName(text.contains(":") ? "[" + text + "]" : text);
    } catch (UnknownHostException e) {
      return null;
    }
  }

  public boolean contains(InetAddress address) {
    int length = first.getAddress().length;
    return address.getAddress().length == length && prefix(address).equals(prefix(first));
  }

  private BigInteger prefix(InetAddress address) {
    byte[] bytes = address.getAddress();
    return new BigInteger(1, bytes).shiftRight(bytes.length * 8 - bits);
  }
}
