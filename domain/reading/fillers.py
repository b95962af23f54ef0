"""Small words around a topic that are no part of it."""

from __future__ import annotations

from domain.text import fold, normalise


def spellings(text: str) -> frozenset[str]:
    """The phrases between bars, as they should be written and without tone marks.

    Another word that only looks alike without its marks is none of them: "số" is no "sơ".
    """
    phrases = {" ".join(normalise(phrase).lower().split()) for phrase in text.split("|")}
    return frozenset(phrases | {fold(phrase) for phrase in phrases})


LEAD = spellings(
    "về | là | việc | tuyên truyền | tuyên truyền miệng | nội dung | chủ đề | chuyên đề | gồm"
)
TAIL = spellings(
    """cho | với | có | gồm | tại | ở | lúc | vào | ngày | đến | và | được | do | trong đó | trong | thu hút | nhé | nha
    | nhá | a | ạ | ah | ak | cảm ơn | thôi | tham dự | tham gia | dự | nghe | tổng | tổng số | tổng cộng
    | với sự tham gia của | cho tổng số | hôm | đã | rồi | xong | các | cho toàn thể | cả nhà | em | anh | chị | bạn | xin
    | hết | k | lượt | người | được tổ chức | tổ chức | lần | gần | trên | khoảng | hơn | với sự | có sự | đạt | tất cả
    | chỉ có | khai giảng | bế giảng | khai mạc | còn lại | thành phần | nào | gì | trân trọng | thầy | cô | em cảm ơn | ngoài ra"""
)
FILLERS = spellings(
    """em | xin | báo cáo viên | tuyên truyền viên | bcv | ttv | trực tuyến | báo cáo | bc | b/c | lớp bồi dưỡng
    | bồi dưỡng | tập huấn | hội thi | cuộc thi | kính gửi | kính thưa | gửi | ban | bạn | a | ạ | ah | dạ | vâng | anh
    | chị | đ/c | đồng chí | các | nhé | nha | nhá | cả nhà | nhóm | sếp | lãnh đạo | số liệu | kết quả | tổ chức
    | triển khai | thực hiện | được | vừa | mới | xong | rồi | có | gồm | và | với | cho | tại | tổng số | tổng cộng | tổng
    | cộng | tuyên truyền miệng | tuyên truyền | tt miệng | ttm | tt | thông tin thời sự | thời sự
    | nói chuyện chuyên đề | nói chuyện | hội nghị | buổi | cuộc | là | số | trong đó | đều | toàn | chỉ | chỉ có | thôi | tham dự
    | tham gia | dự | nghe | lượt | người | hôm | ngày | sáng | chiều | tối | đơn vị | chi bộ | cb | bổ sung | thêm | nữa
    | cảm ơn | nhận được | chào | lớp | tin | phần | như sau | cụ thể | của | làm | mở | đăng | trên | trang | xã | phường
    | thôn | kịp thời | đầy đủ | theo | kế hoạch | đã tổ chức | cho biết | bộ | mình | đảng viên | đv | quần chúng | qc
    | hoàn thành | ok | oke | okie | miệng | fw | fwd | chuyển tiếp | từ | nd | hết | k | ko | không | này | nay | đó
    | xã em | bên em | cập nhật | đợt | khoảng | số buổi | ở | ngoài | trong | hiện | dưới | rất | đông đủ | nghiêm túc
    | thành công | tốt đẹp | phấn khởi | bà con | nhân dân | còn lại | còn | số còn lại | thành phần | kính báo cáo | e
    | bên e | mỗi | ơi | nhưng | nên | thì | mà | đc | dc | bác | chú | cô | thầy | hello | hi | alo | tối nay | trân trọng | xin trân trọng | thân ái | thưa | quý | định kỳ | thường kỳ"""
)
LONGEST = 5
